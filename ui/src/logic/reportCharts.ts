/** Charts of a report: SVG as text, without anything that runs or loads. */

import { escaped } from './report'
import { QUARTER_MS, type Replay } from './replay'
import { dayMarks } from './replayMarks'

const WIDTH = 900
const HEIGHT = 300
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 6, 10, 26]
const INNER = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }

export interface Line {
  id: string
  name: string
  colour: string
}

interface Frame {
  replay: Replay
  zone: string
  /** How a value is written at its axis. */
  format: (value: number) => string
  /** For those who do not see the picture. */
  summary: string
}

/** How everybody's sum grew: a line each. */
export function raceSvg(frame: Frame, lines: readonly Line[]): string {
  const { replay } = frame
  const courses = lines.flatMap((line) => {
    const course = replay.courses.find((one) => one.id === line.id)
    return course ? [{ ...line, values: course.sums.tokens }] : []
  })
  const highest = Math.max(1, ...courses.map(({ values }) => values.at(-1) ?? 0))
  const paths = courses.map(({ name, colour, values }) => {
    const points = [...values].map(
      (value, place) => `${x(replay, replay.start + place * QUARTER_MS)} ${y(value, highest)}`,
    )
    return `<path d="M${points.join('L')}" fill="none" stroke="${escaped(colour)}" stroke-width="2.5" stroke-linejoin="round"><title>${escaped(name)}</title></path>`
  })
  return framed(frame, highest, paths.join(''))
}

/** What all together used in each quarter hour. */
export function flowSvg(frame: Frame): string {
  const { replay } = frame
  const highest = Math.max(1, ...replay.quarters.map((quarter) => quarter.tokens))
  const width = Math.max(0.5, (0.82 * INNER.width) / replay.quarters.length).toFixed(2)
  const bars = replay.quarters.map(({ start, tokens }) => {
    const top = y(tokens, highest)
    return `<rect class="bar" x="${x(replay, start)}" y="${top}" width="${width}" height="${(TOP + INNER.height - Number(top)).toFixed(1)}"/>`
  })
  return framed(frame, highest, bars.join(''))
}

function x(replay: Replay, at: number): string {
  return (LEFT + (INNER.width * (at - replay.start)) / (replay.end - replay.start)).toFixed(1)
}

function y(value: number, highest: number): string {
  return (TOP + INNER.height * (1 - value / highest)).toFixed(1)
}

function framed({ replay, zone, format, summary }: Frame, highest: number, inside: string): string {
  const lines = [0, 0.5, 1].map((part) => {
    const at = y(part * highest, highest)
    return `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${Number(at) + 4}" text-anchor="end">${escaped(format(part * highest))}</text>`
  })
  const marks = dayMarks(replay, zone).map(
    (mark) => `<text x="${x(replay, mark.at)}" y="${HEIGHT - 6}">${escaped(mark.text)}</text>`,
  )
  // Also where texts run the other way time runs to the right here, as its picture has no direction of its own.
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" direction="ltr" role="img" aria-label="${escaped(summary)}">${lines.join('')}${marks.join('')}${inside}</svg>`
}
