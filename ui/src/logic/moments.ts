/**
 * What is worth a headline: somebody passed somebody, climbed, is having the best day or hour so
 * far, or has used something for days in a row. Only who rises is ever the subject; nobody is told
 * to have fallen, and nothing is told of who has not started.
 */

import type { Ranked, Ranking } from './rank'

interface About {
  /** What it is told by once: the same thing has the same id. */
  id: string
  teamId: string
  name: string
}

export type Moment = About &
  (
    | { kind: 'passed'; other: string; rank: number }
    | { kind: 'climbed'; places: number; rank: number }
    | { kind: 'bestDay' | 'bestHour'; value: number; of: number }
    | { kind: 'streak'; days: number; orMore: boolean }
  )

/** What somebody who waits for news wants to hear first. */
const ORDER: readonly Moment['kind'][] = ['passed', 'climbed', 'bestDay', 'bestHour', 'streak']

export function firstTold(moments: readonly Moment[]): Moment[] {
  return moments.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

/** Who went past somebody between two rankings of one question; those further up first. */
export function passes(before: Ranking, after: Ranking): Moment[] {
  const ranks = new Map(before.ranked.map((row) => [row.team.team_id, row.rank]))
  return after.ranked.flatMap((row): Moment[] => {
    const was = ranks.get(row.team.team_id)
    if (was === undefined || row.rank >= was) return []
    const passed = after.ranked.find((other) => isPassed(row, was, other, ranks.get(other.team.team_id)))
    if (!passed) return []
    const pair = [row.team.team_id, passed.team.team_id].sort().join(' ')
    return [{ kind: 'passed', id: `passed ${pair}`, ...nameOf(row), other: passed.team.name, rank: row.rank }]
  })
}

function isPassed(row: Ranked, was: number, other: Ranked, otherWas: number | undefined): boolean {
  return otherWas !== undefined && otherWas < was && other.rank > row.rank
}

/** One place is told when it happens; an hour's worth of them is a climb. */
const LEAST_PLACES = 2

/** Who climbed since `since`, by the places in `rises`. */
export function climbs(now: Ranking, rises: ReadonlyMap<string, number>, since: number): Moment[] {
  const rows = now.ranked.flatMap((row) => {
    const places = rises.get(row.team.team_id) ?? 0
    return places >= LEAST_PLACES ? [{ row, places }] : []
  })
  rows.sort((a, b) => b.places - a.places)
  return rows.map(({ row, places }) => ({
    kind: 'climbed',
    id: `climbed ${row.team.team_id} ${Math.floor(since / 3_600_000)}`,
    ...nameOf(row),
    places,
    rank: row.rank,
  }))
}

function nameOf(row: Ranked): { teamId: string; name: string } {
  return { teamId: row.team.team_id, name: row.team.name }
}
