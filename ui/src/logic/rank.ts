/**
 * Ranking by a measure, and movement against the period before.
 *
 * Teams with the same value share a rank. A team without a value (no usage, or no requests to have
 * a rate of) has no rank: it has not started, which is not the same as being last.
 */

import type { BoardTeam, Measures } from './board'

export const MEASURES = ['tokens', 'spend_usd', 'requests', 'success_rate', 'usd_per_1k_tokens'] as const
export type Measure = (typeof MEASURES)[number]

/** For these less is better. */
const ASCENDING: ReadonlySet<Measure> = new Set(['usd_per_1k_tokens'])

export type Movement = { kind: 'up' | 'down'; places: number } | { kind: 'same' | 'new' | 'unknown' }

export interface Ranked {
  team: BoardTeam
  value: number
  rank: number
  movement: Movement
  previous: number | null
  /** Of the total, 0 to 1; `null` for measures that do not add up. */
  share: number | null
  /** Length of the bar, 0 to 1. */
  bar: number
}

export interface Ranking {
  ranked: Ranked[]
  waiting: BoardTeam[]
}

export function isAdditive(measure: Measure): boolean {
  return measure === 'tokens' || measure === 'spend_usd' || measure === 'requests'
}

/** The measure's value; `null` where the team has none. */
export function valueOf(sums: Measures, measure: Measure): number | null {
  if (measure === 'success_rate') return sums.requests > 0 ? (100 * sums.successful_requests) / sums.requests : null
  if (measure === 'usd_per_1k_tokens') return sums.tokens > 0 ? (1000 * sums.spend_usd) / sums.tokens : null
  return sums[measure] > 0 ? sums[measure] : null
}

/** `tellsNew`: whether no usage before means that a team is new. */
export function ranking(teams: readonly BoardTeam[], measure: Measure, tellsNew = true): Ranking {
  const placed = places(teams, (team) => team, measure)
  const past = places(teams, (team) => team.previous ?? null, measure)
  // Where nobody used anything there was no period to be new since.
  const pastKnown = teams.some((team) => team.previous && team.previous.requests > 0)
  const total = [...placed.values()].reduce((sum, place) => sum + place.value, 0)
  const best = placed.values().next().value?.value ?? 0
  const ranked = [...placed].map(([team, { value, rank }]): Ranked => {
    const before = past.get(team)
    return {
      team,
      value,
      rank,
      movement: pastKnown ? movement(rank, before?.rank, tellsNew && hadNone(team)) : { kind: 'unknown' },
      previous: team.previous && before ? before.value : null,
      share: isAdditive(measure) && total > 0 ? value / total : null,
      bar: barLength(value, best, measure),
    }
  })
  return { ranked, waiting: teams.filter((team) => !placed.has(team)) }
}

interface Place {
  value: number
  rank: number
}

/** Teams with a value, best first; those that tie stay in the given order. */
function places(
  teams: readonly BoardTeam[],
  sums: (team: BoardTeam) => Measures | null,
  measure: Measure,
): Map<BoardTeam, Place> {
  const sign = ASCENDING.has(measure) ? 1 : -1
  const valued = teams.flatMap((team) => {
    const of = sums(team)
    const value = of ? valueOf(of, measure) : null
    return value === null ? [] : [{ team, value }]
  })
  valued.sort((a, b) => sign * (a.value - b.value))
  const result = new Map<BoardTeam, Place>()
  let rank = 0
  valued.forEach(({ team, value }, index) => {
    if (index === 0 || value !== valued[index - 1]?.value) rank = index + 1
    result.set(team, { value, rank })
  })
  return result
}

function hadNone(team: BoardTeam): boolean {
  return team.previous !== null && team.previous.requests === 0 && team.previous.tokens === 0
}

function movement(now: number, before: number | undefined, isNew: boolean): Movement {
  if (before === undefined) return { kind: isNew ? 'new' : 'unknown' }
  if (before === now) return { kind: 'same' }
  return { kind: before > now ? 'up' : 'down', places: Math.abs(before - now) }
}

function barLength(value: number, best: number, measure: Measure): number {
  if (measure === 'success_rate') return value / 100
  if (best <= 0) return ASCENDING.has(measure) && value > 0 ? 0 : 1
  return ASCENDING.has(measure) ? best / value : value / best
}
