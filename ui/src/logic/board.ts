/** The leaderboard, of sheets by team. */

import type { Meta, Sheet } from '../api/types'
import type { Bases, Basis } from './score'
import { rowsOf } from './sheet'
import { timelineOf } from './timeline'

/** The sums that are known of every period. Rates are made of them, for any period and any filter. */
export const SUMS = ['tokens', 'requests', 'successful_requests', 'failed_requests', 'spend_usd'] as const
/** `null` where a sum is not shown to whoever asks, which is not zero. */
export type Measures = Record<(typeof SUMS)[number], number | null>
type Beside = Measures & { previous: Measures | null }

export interface BoardTeam extends Beside {
  team_id: string
  name: string
  /** Whether the gateway no longer lists it. */
  deleted: boolean
  /** By tokens; only where ranks are told, and tokens are not. */
  rank?: number | null | undefined
  /** Tokens by bucket; `null` where they are not known. */
  trend: (number | null)[]
  /** What some scores need, now and in the period before; only where one of them is chosen. */
  basis?: Basis | undefined
  pastBasis?: Basis | undefined
}

/** The days beside which the figures are told. */
export interface Compared {
  start: string
  end: string
  /** Usage counts up to here; `null` where all of the last day does. */
  until: string | null
  /** Whether a whole day is in it: of less, nobody can tell who is new. */
  spansDay: boolean
}

export interface Board {
  /** All teams by name, which does not change with ranks; deleted ones last. */
  teams: BoardTeam[]
  totals: Beside
  /** `null` where nothing is compared, or the days are not known. */
  compared: Compared | null
  meta: Meta
}

function sums(of: (measure: string) => number | null | undefined): Measures {
  return {
    tokens: of('tokens') ?? null,
    requests: of('requests') ?? null,
    successful_requests: of('successful_requests') ?? null,
    failed_requests: of('failed_requests') ?? null,
    spend_usd: of('spend_usd') ?? null,
  }
}

/** `trend` tells the same teams' tokens apart by time. */
export function boardOf(sheet: Sheet, trend: Sheet | null): Board {
  const before = sheet.compare?.complete ? sheet.compare : null
  const deleted = new Set(sheet.meta.deleted_teams)
  const course = trend ? timelineOf(trend) : null
  const trends = new Map(course?.series.map((series) => [series.id, series.values.tokens]))
  const flat = course?.buckets.map((bucket) => (bucket.state === 'unknown' ? null : 0)) ?? []
  const hasRanks = sheet.columns.some((column) => column.name === 'rank')
  const teams = rowsOf(sheet).map((row): BoardTeam => {
    const id = row.text('team_id') ?? ''
    return {
      team_id: id,
      name: row.text('team') ?? id,
      deleted: deleted.has(id),
      ...(hasRanks ? { rank: row.number('rank') } : {}),
      ...sums(row.number),
      previous: before && sums((measure) => row.number(`previous_${measure}`)),
      trend: trends.get(id) ?? (row.number('tokens') === null ? [] : flat),
    }
  })
  return {
    teams: teams.sort((a, b) => Number(a.deleted) - Number(b.deleted)),
    compared: before && comparedOf(before),
    totals: { ...sums((name) => sheet.totals[name]), previous: before && sums((name) => before.totals[name]) },
    meta: sheet.meta,
  }
}

const DAY_MS = 86_400_000

function comparedOf({ start_date: start, end_date: end, until = null }: NonNullable<Sheet['compare']>): Compared {
  // Days of any zone begin within a day of those of UTC; only one that is shorter than that is in doubt.
  const spansDay = until === null || Date.parse(until) - Date.parse(`${start}T00:00:00Z`) > 2 * DAY_MS
  return { start, end, until, spansDay }
}

/** The same with what scores need. */
export function withBases(board: Board, { now, previous }: Bases): Board {
  const teams = board.teams.map((team) => ({
    ...team,
    basis: now.get(team.team_id),
    pastBasis: previous.get(team.team_id),
  }))
  return { ...board, teams }
}

/** The same with only these teams, their totals included; with all of them where none is named. */
export function onlyTeams(board: Board, teamIds: readonly string[]): Board {
  if (teamIds.length === 0) return board
  const teams = board.teams.filter((team) => teamIds.includes(team.team_id))
  const past = teams.flatMap((team) => team.previous ?? [])
  return { ...board, teams, totals: { ...total(teams), previous: past.length > 0 ? total(past) : null } }
}

function total(all: readonly Measures[]): Measures {
  return sums((measure) => sumAll(all.map((one) => one[measure as keyof Measures])))
}

/** A sum of which a part is not shown is not known. */
export function sumAll(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
