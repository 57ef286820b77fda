/**
 * Ranking by a measure, and movement against the period before.
 *
 * Teams with the same value share a rank. A team without a value (no usage, or no requests to have
 * a rate of) has no rank: it has not started, which is not the same as being last.
 */

import type { BoardTeam, Measures } from './board'
import { ASCENDING, isAdditive, valueBy, type Measure } from './measure'
import { scored, scoresAddUp, type Basis, type Score } from './score'

export { isAdditive, MEASURES, valueBy, type Measure } from './measure'

export type Movement = { kind: 'up' | 'down'; places: number } | { kind: 'same' | 'new' | 'unknown' }

export interface Ranked {
  team: BoardTeam
  /** `null` where only the rank is shown. */
  value: number | null
  rank: number
  movement: Movement
  previous: number | null
  /** Of the total, 0 to 1; `null` for measures that do not add up. */
  share: number | null
  /** Length of the bar, 0 to 1; `null` where only the rank is shown. */
  bar: number | null
}

export interface Ranking {
  ranked: Ranked[]
  waiting: BoardTeam[]
  /** Who used something, yet nothing that the score counts. */
  unscored: BoardTeam[]
}

/** `tellsNew`: whether no usage before means that a team is new. */
export function ranking(
  teams: readonly BoardTeam[],
  measure: Measure,
  tellsNew = true,
  score: Score = 'plain',
): Ranking {
  if (measure === 'tokens' && teams.some((team) => team.rank !== undefined)) return rankingAsTold(teams)
  const valued = (sums: Measures | null, basis: Basis | undefined): number | null =>
    sums && scored(sums, measure, score, basis)
  const placed = places(teams, (team) => valued(team, team.basis), measure)
  const past = places(teams, (team) => valued(team.previous, team.pastBasis), measure)
  const hasShares = isAdditive(measure) && scoresAddUp(score)
  // Where nobody used anything there was no period to be new since.
  const pastKnown = teams.some((team) => (team.previous?.requests ?? team.previous?.tokens ?? 0) > 0)
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
      share: hasShares && total > 0 ? value / total : null,
      bar: barLength(value, best, measure),
    }
  })
  const others = teams.filter((team) => !placed.has(team))
  const isWaiting = (team: BoardTeam): boolean => valueBy(team, measure) === null
  return {
    ranked,
    waiting: others.filter(isWaiting),
    unscored: others.filter((team) => !isWaiting(team)),
  }
}

/** Where ranks are told and figures are not: those of one's own teams are there, and nothing follows from them. */
function rankingAsTold(teams: readonly BoardTeam[]): Ranking {
  const isRanked = (team: BoardTeam): boolean => (team.rank ?? null) !== null
  const ranked = teams.filter(isRanked).map((team): Ranked => {
    const beside = { movement: { kind: 'unknown' }, previous: null, share: null, bar: null } as const
    return { team, value: team.tokens, rank: team.rank ?? 0, ...beside }
  })
  ranked.sort((a, b) => a.rank - b.rank)
  return { ranked, waiting: teams.filter((team) => !isRanked(team)), unscored: [] }
}

interface Place {
  value: number
  rank: number
}

/** Teams with a value, best first; those that tie stay in the given order. */
function places(
  teams: readonly BoardTeam[],
  valueBy: (team: BoardTeam) => number | null,
  measure: Measure,
): Map<BoardTeam, Place> {
  const sign = ASCENDING.has(measure) ? 1 : -1
  const valued = teams.flatMap((team) => {
    const value = valueBy(team)
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
