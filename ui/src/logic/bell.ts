/** The leaderboard as it stood at a moment, of quarter hours. */

import type { Sheet } from '../api/types'
import { SUMS, type Board, type Measures } from './board'
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
      sums((measure) => (before?.[measure] ?? 0) + (row.number(measure) ?? 0)),
    )
  }
  const teams = board.teams.map((team) => {
    const less = after.get(team.team_id)
    return less ? { ...team, ...sums((measure) => Math.max(0, team[measure] - less[measure])) } : team
  })
  const all = [...after.values()]
  const total = sums((measure) => board.totals[measure] - all.reduce((sum, one) => sum + one[measure], 0))
  return { ...board, teams, totals: { ...board.totals, ...total } }
}

function sums(of: (measure: (typeof SUMS)[number]) => number): Measures {
  return {
    tokens: of('tokens'),
    requests: of('requests'),
    successful_requests: of('successful_requests'),
    failed_requests: of('failed_requests'),
    spend_usd: of('spend_usd'),
  }
}
