/**
 * The leaderboard seen through filters: its teams, with the figures that activity gives for the
 * chosen models, providers or keys.
 */

import type { Activity, ActivitySeries, Board, BoardTeam, Measures } from '../api/types'
import type { Filters } from './link'

/** What `narrow` needs of an activity. */
export const NARROW_MEASURES = 'tokens,requests,successful_requests,failed_requests,spend_usd'

/** Whether the figures themselves change; a filter by team only leaves rows out. */
export function narrowsFigures(filters: Filters): boolean {
  return filters.model.length > 0 || filters.provider.length > 0 || filters.api_key.length > 0
}

/** A sum of what is known; `null` where nothing is. */
export function sumKnown(values: readonly (number | null)[] | undefined): number | null {
  const known = (values ?? []).filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

const NOTHING: Measures = { tokens: 0, requests: 0, successful_requests: 0, failed_requests: 0, spend_usd: 0 }

export function narrow(board: Board, current: Activity, previous: Activity | null): Board {
  const now = byId(current)
  const past = previous && previous.buckets.some((bucket) => bucket.state !== 'unknown') ? byId(previous) : null
  const teams = board.teams.map((team): BoardTeam => {
    const series = now.get(team.team_id)
    const sums = series ? sumsOf(series) : NOTHING
    const before = past ? past.get(team.team_id) : undefined
    return {
      ...team,
      ...sums,
      previous: past ? (before ? sumsOf(before) : NOTHING) : null,
      trend: series?.values.tokens ?? current.buckets.map((bucket) => (bucket.state === 'unknown' ? null : 0)),
    }
  })
  return {
    ...board,
    teams,
    totals: { ...total(teams), previous: past ? total(teams.map((team) => team.previous ?? NOTHING)) : null },
    trend_buckets: current.buckets.map((bucket) => bucket.start),
    meta: current.meta,
  }
}

/** The same with only these teams, their totals included; with all of them where none is named. */
export function onlyTeams(board: Board, teamIds: readonly string[]): Board {
  if (teamIds.length === 0) return board
  const teams = board.teams.filter((team) => teamIds.includes(team.team_id))
  const past = teams.map((team) => team.previous ?? NOTHING)
  const known = teams.some((team) => team.previous)
  return { ...board, teams, totals: { ...total(teams), previous: known ? total(past) : null } }
}

function byId(activity: Activity): Map<string, ActivitySeries> {
  return new Map(activity.series.map((series) => [series.id, series]))
}

function sumsOf(series: ActivitySeries): Measures {
  const of = (name: keyof Measures): number => sumKnown(series.values[name]) ?? 0
  return {
    tokens: of('tokens'),
    requests: of('requests'),
    successful_requests: of('successful_requests'),
    failed_requests: of('failed_requests'),
    spend_usd: of('spend_usd'),
  }
}

function total(all: readonly Measures[]): Measures {
  return all.reduce(
    (sum, one) => ({
      tokens: sum.tokens + one.tokens,
      requests: sum.requests + one.requests,
      successful_requests: sum.successful_requests + one.successful_requests,
      failed_requests: sum.failed_requests + one.failed_requests,
      spend_usd: sum.spend_usd + one.spend_usd,
    }),
    { ...NOTHING },
  )
}
