/** The leaderboard as it was an hour ago, to the quarter hour. */

import type { Sheet } from '../api/types'
import { boardUntil } from './bell'
import type { Board } from './board'
import type { Ranking } from './rank'

const HOUR_MS = 3_600_000
const QUARTER_MS = HOUR_MS / 4
/** The share of the tokens that requests have to explain: what has no hour could have been used in this one. */
const SURE = 0.99

/** The quarter hour that ended an hour ago, or up to a quarter hour before that. */
export function hourAgo(now: number): number {
  return Math.floor((now - HOUR_MS) / QUARTER_MS) * QUARTER_MS
}

/**
 * `sheet` has the quarter hours by team from `since` to `now`. `null` where it is of another moment
 * than the board, or where one of them is not known.
 */
export function boardAt(board: Board, sheet: Sheet, since: number, now: number): Board | null {
  if (sheet.meta.data_version !== board.meta.data_version) return null
  const elapsed = sheet.buckets.filter(({ start }) => {
    const at = Date.parse(start ?? '')
    return at >= since && at <= now
  })
  if (Date.parse(elapsed[0]?.start ?? '') !== since) return null
  const isKnown = elapsed.every(({ state, coverage }) => state !== 'unknown' && (coverage ?? 1) >= SURE)
  return isKnown ? boardUntil(board, sheet, since) : null
}

/** How many places each team rose (negative: fell), of those that had a rank then and have one now. */
export function risesBetween(then: Ranking, now: Ranking): Map<string, number> {
  const ranks = new Map(then.ranked.map((row) => [row.team.team_id, row.rank]))
  return new Map(
    now.ranked.flatMap(({ team, rank }) => {
      const was = ranks.get(team.team_id)
      return was === undefined ? [] : [[team.team_id, was - rank] as const]
    }),
  )
}
