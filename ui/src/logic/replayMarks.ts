/** What is written below the time of a replay: hours of a day or two, days of more. */

import { dayIn } from './days'
import { date, time } from './format'
import { QUARTER_MS, type Replay } from './replay'

export interface Mark {
  at: number
  /** 0 to 1. */
  along: number
  text: string
}

const MOST = 9
const HOUR_MS = 3_600_000

/** A text that begins later would not end in time. */
const LATEST = 0.94

export function dayMarks(replay: Replay, zone: string): Mark[] {
  return marksOf(replay, zone).filter((mark) => mark.along <= LATEST)
}

function marksOf(replay: Replay, zone: string): Mark[] {
  const length = replay.end - replay.start
  const mark = (at: number, text: string): Mark => ({ at, along: (at - replay.start) / length, text })
  const starts = dayStarts(replay, zone)
  if (starts.length > 2) {
    const each = Math.ceil(starts.length / MOST)
    return starts
      .filter((_, index) => index % each === 0)
      .map((at) => mark(at, date(dayIn(at, zone), { weekday: 'short', day: 'numeric' })))
  }
  const hours = [1, 3, 6, 12].find((width) => length / (width * HOUR_MS) < MOST) ?? 12
  const marks: Mark[] = []
  for (let at = replay.start; at < replay.end; at += hours * HOUR_MS) marks.push(mark(at, time(at, zone)))
  return marks
}

/** The first quarter hour of each day. */
function dayStarts(replay: Replay, zone: string): number[] {
  const starts: number[] = []
  let before = ''
  for (let at = replay.start; at < replay.end; at += QUARTER_MS) {
    const day = dayIn(at, zone)
    if (day !== before) starts.push(at)
    before = day
  }
  return starts
}
