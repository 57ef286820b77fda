/**
 * A period played again, of quarter hours by team. At the end of each quarter hour the sums are
 * exact; between two ends they go evenly from one to the next, as nobody knows more.
 */

import type { Sheet } from '../api/types'
import { SUMS, type BoardTeam, type Measures } from './board'
import { rowsOf } from './sheet'

export const QUARTER_MS = 900_000

export interface Quarter {
  start: number
  /** Of everybody. */
  tokens: number
  /** The share of its day's tokens whose hour is known, 0 to 1; 0 where nothing is. */
  known: number
}

interface Course {
  id: string
  name: string
  deleted: boolean
  /** Each sum at the begin and at the end of every quarter hour: one more than there are quarters. */
  sums: Record<keyof Measures, Float64Array>
}

export interface Replay {
  start: number
  end: number
  quarters: Quarter[]
  courses: Course[]
  /** Tokens of which nobody knows the hour, which are in no quarter. */
  adrift: number
}

/** Of the quarter hours that are over by `now`; `null` where none is. */
export function replayOf(sheet: Sheet, now: number): Replay | null {
  const over = sheet.buckets.filter(({ end }) => typeof end === 'string' && Date.parse(end) <= now)
  const start = Date.parse(over[0]?.start ?? '')
  if (Number.isNaN(start)) return null
  const places = new Map(over.map((bucket, place) => [bucket.name, place]))
  const nowhere = new Set(sheet.buckets.filter(({ state }) => state === 'unknown_hour').map(({ name }) => name))
  const quarters = over.map(
    (bucket, place): Quarter => ({
      start: start + place * QUARTER_MS,
      tokens: 0,
      known: bucket.state === 'unknown' ? 0 : (bucket.coverage ?? 1),
    }),
  )
  const deleted = new Set(sheet.meta.deleted_teams)
  const courses = new Map<string, Course>()
  let adrift = 0
  for (const row of rowsOf(sheet)) {
    const bucket = row.text('bucket') ?? ''
    if (nowhere.has(bucket)) adrift += row.number('tokens') ?? 0
    const place = places.get(bucket)
    if (place === undefined) continue
    const id = row.text('team_id') ?? ''
    const course = courses.get(id) ?? emptyCourse(id, row.text('team') ?? id, deleted.has(id), over.length)
    courses.set(id, course)
    for (const sum of SUMS) course.sums[sum][place + 1] = row.number(sum) ?? 0
    const quarter = quarters[place]
    if (quarter) quarter.tokens += row.number('tokens') ?? 0
  }
  for (const course of courses.values()) for (const sum of SUMS) accumulate(course.sums[sum])
  const all = [...courses.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { start, end: start + over.length * QUARTER_MS, quarters, courses: all, adrift }
}

function emptyCourse(id: string, name: string, deleted: boolean, quarters: number): Course {
  const zeros = (): Float64Array => new Float64Array(quarters + 1)
  return {
    id,
    name,
    deleted,
    sums: {
      tokens: zeros(),
      requests: zeros(),
      successful_requests: zeros(),
      failed_requests: zeros(),
      spend_usd: zeros(),
    },
  }
}

function accumulate(values: Float64Array): void {
  for (let place = 1; place < values.length; place++) values[place] = (values[place - 1] ?? 0) + (values[place] ?? 0)
}

/** The teams as they stood at a moment of the replay. */
export function teamsAt(replay: Replay, at: number): BoardTeam[] {
  const { place, part } = positionOf(replay, at)
  return replay.courses.map(({ id, name, deleted, sums }) => {
    const value = (sum: keyof Measures): number => {
      const from = sums[sum][place] ?? 0
      return part === 0 ? from : from + part * ((sums[sum][place + 1] ?? from) - from)
    }
    return {
      team_id: id,
      name,
      deleted,
      tokens: value('tokens'),
      requests: value('requests'),
      successful_requests: value('successful_requests'),
      failed_requests: value('failed_requests'),
      spend_usd: value('spend_usd'),
      previous: null,
      trend: [],
    }
  })
}

/** Quarter hours that have ended, and the part of the next one that has gone by. */
function positionOf(replay: Replay, at: number): { place: number; part: number } {
  const along = (clamped(replay, at) - replay.start) / QUARTER_MS
  return { place: Math.floor(along), part: along % 1 }
}

export function clamped(replay: Replay, at: number): number {
  return Math.min(replay.end, Math.max(replay.start, at))
}

/** The end of the last quarter hour that is over at a moment: there every figure is exact. */
export function exactAt(replay: Replay, at: number): number {
  return replay.start + Math.floor((clamped(replay, at) - replay.start) / QUARTER_MS) * QUARTER_MS
}

export const SPEEDS = [1, 10, 60, 300, 600] as const
export type Speed = (typeof SPEEDS)[number]
export const PLAIN_SPEED: Speed = 600

/** The next faster or slower speed. */
export function shifted(speed: Speed, by: 1 | -1): Speed {
  return SPEEDS[SPEEDS.indexOf(speed) + by] ?? speed
}

export function readSpeed(text: string | null): Speed {
  return SPEEDS.find((speed) => String(speed) === text) ?? PLAIN_SPEED
}

/** A moment as a link has it; `null` for what is none. */
export function readMoment(text: string | null): number | null {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN
  return Number.isNaN(at) ? null : at
}

export function writeMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`
}

/** Quarter hours of longer periods would be more than an answer holds of enough teams. */
export const MOST_DAYS = 14
const MOST_ROWS = 90_000

/** So many teams that an answer about these days has room for all their rows. */
export function mostTeams(days: number): number {
  return Math.floor(MOST_ROWS / (days * 97))
}
