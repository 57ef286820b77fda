/** The leaderboard as it stood at a moment, of quarter hours. */

import type { Sheet } from '../api/types'
import { sumAll, type SUMS, type Board, type Measures } from './board'
import { rowsOf } from './sheet'

/**
 * What `sheet` (quarter hours by team, of the bell's day) has after `end` is taken from what `board`
 * has now. The quarter hour in which the bell rings is counted.
 */
export function boardUntil(board: Board, sheet: Sheet, end: number): Board {
  const late = new Set(sheet.buckets.filter((one) => Date.parse(one.start ?? '') >= end).map((one) => one.name))
  const after = new Map<string, Measures>()
  for (const row of rowsOf(sheet)) {
    if (!late.has(row.text('bucket') ?? '')) continue
    const id = row.text('team_id') ?? ''
    const before = after.get(id)
    after.set(
      id,
      sums((measure) => sumAll([before ? before[measure] : 0, row.number(measure)])),
    )
  }
  const teams = board.teams.map((team) => {
    const less = after.get(team.team_id)
    if (!less) return team
    return { ...team, ...sums((measure) => lessened(team[measure], less[measure], 0)) }
  })
  const all = [...after.values()]
  const total = sums((measure) => lessened(board.totals[measure], sumAll(all.map((one) => one[measure]))))
  return { ...board, teams, totals: { ...board.totals, ...total } }
}

/** What is left of a sum; `null` where one of both is not shown. */
function lessened(sum: number | null, by: number | null, least = -Infinity): number | null {
  return sum === null || by === null ? null : Math.max(least, sum - by)
}

function sums(of: (measure: (typeof SUMS)[number]) => number | null): Measures {
  return {
    tokens: of('tokens'),
    requests: of('requests'),
    successful_requests: of('successful_requests'),
    failed_requests: of('failed_requests'),
    spend_usd: of('spend_usd'),
  }
}
