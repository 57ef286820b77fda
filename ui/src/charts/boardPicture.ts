/** The leaderboard as a picture: ranks, names, bars and figures, as many as can be read. */

import { isolated } from '../i18n'
import { count } from '../logic/format'
import type { Ranked } from '../logic/rank'
import {
  across,
  blank,
  blobOf,
  drawFoot,
  drawHead,
  fitted,
  font,
  footHeight,
  headHeight,
  MARGIN,
  type Caption,
} from './picture'
import type { Paint } from './paint'

const WIDTH = 900
const ROW = 44
const LINE = 52
export const MOST_ROWS = 40

export interface BoardPicture {
  caption: Caption
  rows: readonly Ranked[]
  valueOf: (row: Ranked) => string
  /** Left out where nothing is compared. */
  changeOf?: (row: Ranked) => string
  /** What is said of the teams that have no room; empty where all have. */
  more: string
  /** What stands below the ranks. */
  below: readonly PictureLine[]
}

/** What something is, whose it is, and its figure. */
export interface PictureLine {
  title: string
  names: string
  figure: string
}

export function boardPicture(from: BoardPicture, paint: Paint): Promise<Blob> {
  const rows = from.rows.slice(0, MOST_ROWS)
  const measure = blank(1, 1, paint).context
  const head = headHeight(measure, from.caption, WIDTH, paint)
  const more = from.more === '' ? 0 : 30
  const below = from.below.length === 0 ? 0 : from.below.length * LINE + 16
  const foot = footHeight(measure, from.caption, WIDTH, paint)
  const height = MARGIN * 2 + head + rows.length * ROW + more + below + foot
  const { canvas, context } = blank(WIDTH + MARGIN * 2, height, paint)
  drawHead(context, from.caption, WIDTH, paint)
  rows.forEach((row, index) => drawRow(context, from, row, MARGIN + head + index * ROW, paint))
  if (more > 0) {
    context.font = font(paint, 500, 14)
    context.fillStyle = paint.muted
    context.fillText(from.more, across(MARGIN + 52, WIDTH), MARGIN + head + rows.length * ROW + 20)
  }
  const end = MARGIN + head + rows.length * ROW + more + 16
  from.below.forEach((line, index) => drawLine(context, line, end + index * LINE, paint))
  drawFoot(context, from.caption, WIDTH, height, paint)
  return blobOf(canvas)
}

function drawLine(context: CanvasRenderingContext2D, line: PictureLine, y: number, paint: Paint): void {
  context.fillStyle = paint.line
  context.fillRect(MARGIN, y, WIDTH, 1)
  context.font = font(paint, 500, 13)
  context.fillStyle = paint.muted
  context.fillText(line.title, MARGIN, y + 19)
  context.font = font(paint, 700, 17)
  context.fillStyle = paint.ink
  context.fillText(fitted(context, line.names, WIDTH * 0.5), MARGIN, y + 41)
  context.font = font(paint, 600, 15)
  context.textAlign = 'right'
  context.fillText(fitted(context, line.figure, WIDTH * 0.48), MARGIN + WIDTH, y + 41)
  context.textAlign = 'left'
}

function drawRow(context: CanvasRenderingContext2D, from: BoardPicture, row: Ranked, y: number, paint: Paint): void {
  const [left, right, base] = [MARGIN, MARGIN + WIDTH, y + 22]
  const medal = [paint.gold, paint.silver, paint.bronze][row.rank - 1]
  if (medal) {
    context.fillStyle = medal
    context.beginPath()
    context.arc(across(left + 18, WIDTH), y + 17, 15, 0, 2 * Math.PI)
    context.fill()
  }
  context.font = font(paint, 800, 17)
  context.textAlign = 'center'
  context.fillStyle = medal ? '#2b1c05' : paint.ink
  context.fillText(count(row.rank), across(left + 18, WIDTH), y + 23)
  context.textAlign = 'end'
  context.fillStyle = paint.muted
  context.font = font(paint, 500, 14)
  if (from.changeOf) context.fillText(from.changeOf(row), across(right, WIDTH), base)
  context.fillStyle = paint.ink
  context.font = font(paint, 700, 17)
  context.fillText(from.valueOf(row), across(from.changeOf ? right - 80 : right, WIDTH), base)
  context.textAlign = 'start'
  context.font = font(paint, 600, 17)
  context.fillText(isolated(fitted(context, row.team.name, 520)), across(left + 52, WIDTH), base)
  context.fillStyle = paint.line
  context.fillRect(across(left + 52, WIDTH, WIDTH - 52), y + 31, WIDTH - 52, 5)
  if (row.bar === null) return
  context.fillStyle = paint.accent
  const length = (WIDTH - 52) * row.bar
  context.fillRect(across(left + 52, WIDTH, length), y + 31, length, 5)
}
