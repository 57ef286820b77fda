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
export const MOST_ROWS = 40

export interface BoardPicture {
  caption: Caption
  rows: readonly Ranked[]
  valueOf: (row: Ranked) => string
  changeOf: (row: Ranked) => string
  /** What is said of the teams that have no room; empty where all have. */
  more: string
}

export function boardPicture(from: BoardPicture, paint: Paint): Promise<Blob> {
  const rows = from.rows.slice(0, MOST_ROWS)
  const measure = blank(1, 1, paint).context
  const head = headHeight(measure, from.caption, WIDTH, paint)
  const more = from.more === '' ? 0 : 30
  const height = MARGIN * 2 + head + rows.length * ROW + more + footHeight(measure, from.caption, WIDTH, paint)
  const { canvas, context } = blank(WIDTH + MARGIN * 2, height, paint)
  drawHead(context, from.caption, WIDTH, paint)
  rows.forEach((row, index) => drawRow(context, from, row, MARGIN + head + index * ROW, paint))
  if (more > 0) {
    context.font = font(paint, 500, 14)
    context.fillStyle = paint.muted
    context.fillText(from.more, across(MARGIN + 52, WIDTH), MARGIN + head + rows.length * ROW + 20)
  }
  drawFoot(context, from.caption, WIDTH, height, paint)
  return blobOf(canvas)
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
  context.fillText(from.changeOf(row), across(right, WIDTH), base)
  context.fillStyle = paint.ink
  context.font = font(paint, 700, 17)
  context.fillText(from.valueOf(row), across(right - 80, WIDTH), base)
  context.textAlign = 'start'
  context.font = font(paint, 600, 17)
  context.fillText(isolated(fitted(context, row.team.name, 520)), across(left + 52, WIDTH), base)
  context.fillStyle = paint.line
  context.fillRect(across(left + 52, WIDTH, WIDTH - 52), y + 31, WIDTH - 52, 5)
  context.fillStyle = paint.accent
  const length = (WIDTH - 52) * row.bar
  context.fillRect(across(left + 52, WIDTH, length), y + 31, length, 5)
}
