/** What a team's days or hours so far say of the one that runs: whether it is the best, and how many in a row were used. */

import type { Sheet } from '../api/types'
import type { Moment } from './moments'
import { rowsOf } from './sheet'

/** Usage in buckets that are known without a gap up to the one that runs, which is the last. */
export interface Past {
  /** By team, tokens in each bucket, the running one last. */
  tokens: Map<string, number[]>
  /** The buckets before the running one. */
  before: string[]
}

/** Of hours, the share of the tokens that requests have to explain: less could hide a better one. */
const SURE = 0.99

/** `now` tells which bucket runs; `null` where it is not in the sheet or not known. */
export function pastOf(sheet: Sheet, now: number): Past | null {
  const begun = sheet.buckets.filter(({ start }) => typeof start === 'string' && Date.parse(start) <= now)
  const isKnown = ({ state, coverage }: Sheet['buckets'][number]): boolean =>
    state !== 'unknown' && (sheet.grain === '1d' || (coverage ?? 1) >= SURE)
  const gap = begun.findLastIndex((bucket) => !isKnown(bucket))
  const run = begun.slice(gap + 1).map((bucket) => bucket.name)
  if (run.length < 2) return null
  const places = new Map(run.map((name, place) => [name, place]))
  const tokens = new Map<string, number[]>()
  for (const row of rowsOf(sheet)) {
    const place = places.get(row.text('bucket') ?? '')
    if (place === undefined) continue
    const id = row.text('team_id') ?? ''
    const values = tokens.get(id) ?? run.map(() => 0)
    values[place] = row.number('tokens') ?? 0
    tokens.set(id, values)
  }
  return { tokens, before: run.slice(0, -1) }
}

/** A first day is nobody's best one. */
const LEAST_USED = 3

export interface Best {
  value: number
  /** Which bucket it was; `null` for the one that runs. */
  bucket: string | null
}

/** The best of all; `null` where too few were used to speak of a best one. */
export function bestOf(past: Past, teamId: string): Best | null {
  const values = past.tokens.get(teamId) ?? []
  if (values.slice(0, -1).filter((value) => value > 0).length < LEAST_USED) return null
  const value = Math.max(...values)
  return { value, bucket: past.before[values.indexOf(value)] ?? null }
}

/** Used buckets in a row, up to the one that runs, or to the one before where that is not used yet. */
export function streakOf(past: Past, teamId: string): { days: number; orMore: boolean } {
  const values = past.tokens.get(teamId) ?? []
  const end = values.at(-1) === 0 ? values.length - 1 : values.length
  const gap = values.slice(0, end).lastIndexOf(0)
  return { days: end - gap - 1, orMore: gap === -1 && end > 0 }
}

/** Buckets before the running one, from the first in which anybody used anything: before it was nothing to beat. */
function usedBefore(past: Past): number {
  const firsts = [...past.tokens.values()].map((values) => values.findIndex((value) => value > 0))
  return past.before.length - Math.max(0, Math.min(...firsts.filter((first) => first >= 0)))
}

/** The teams of which the bucket that runs is the best so far, the greatest first. `at` names it. */
export function bests(
  past: Past,
  kind: 'bestDay' | 'bestHour',
  names: ReadonlyMap<string, string>,
  at: string,
): Moment[] {
  const of = usedBefore(past)
  const found = [...names].flatMap(([teamId, name]): (Moment & { value: number })[] => {
    const best = bestOf(past, teamId)
    if (!best || best.bucket !== null) return []
    return [{ kind, id: `${kind} ${teamId} ${at}`, teamId, name, value: best.value, of }]
  })
  return found.sort((a, b) => b.value - a.value)
}

/** Streaks are told when they come to a round number, so that those of many teams are no noise. */
export function isRound(days: number): boolean {
  return [3, 5, 7, 14, 21].includes(days) || (days >= 10 && days % 10 === 0)
}

export function streaks(past: Past, names: ReadonlyMap<string, string>, at: string): Moment[] {
  return [...names].flatMap(([teamId, name]): Moment[] => {
    const streak = streakOf(past, teamId)
    const usedNow = (past.tokens.get(teamId)?.at(-1) ?? 0) > 0
    return usedNow && isRound(streak.days)
      ? [{ kind: 'streak', id: `streak ${teamId} ${at}`, teamId, name, ...streak }]
      : []
  })
}
