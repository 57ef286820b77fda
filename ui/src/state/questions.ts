/** The questions that charts ask, as URLs. */

import { FILTERS } from '../logic/link'
import { days, daysQuery, filtersInto, grain, view } from './view'
import type { Days, Grain } from '../logic/range'

interface Question {
  by: 'team' | 'model' | 'provider' | 'total'
  measures: string
  grain?: Grain | 'total'
  of?: Days
  /** On a team's own page the team stands instead of the chosen teams. */
  teamId?: string | undefined
}

function withFilters(query: URLSearchParams, teamId: string | undefined): URLSearchParams {
  if (teamId === undefined) return filtersInto(query)
  query.append('team_id', teamId)
  return filtersInto(
    query,
    FILTERS.filter((name) => name !== 'team_id'),
  )
}

/** The address of a question with the days, zone and filters of the view. */
function urlOf(path: string, parts: Record<string, string>, teamId?: string, of: Days = days.value): string {
  const query = withFilters(daysQuery(of), teamId)
  for (const [name, value] of Object.entries(parts)) query.set(name, value)
  return `${path}?${query}`
}

/** The API that answers any question, for files and for those who go on from there. */
const SHEET = '/api/v1/query'

export function activityUrl({ by, measures, teamId, of, ...rest }: Question): string {
  return urlOf('/api/v1/activity', { grain: rest.grain ?? grain.value, by, measures }, teamId, of)
}

/** The same question as a sheet. */
export function sheetUrl({ by, measures, teamId, of, ...rest }: Question): string {
  const parts = { grain: rest.grain ?? grain.value, measures }
  return urlOf(SHEET, by === 'total' ? parts : { ...parts, by }, teamId, of)
}

export function hoursSheetUrl(grain: 'hour_of_day' | 'weekday_hour', teamId?: string): string {
  return urlOf(SHEET, { grain, measures: 'tokens,requests,failed_requests,spend_usd' }, teamId)
}

export function costSheetUrl(teamId?: string): string {
  return urlOf(SHEET, { by: 'team,model', measures: 'tokens,spend_usd,usd_per_1k_tokens' }, teamId)
}

const BOARD_MEASURES =
  'tokens,prompt_tokens,completion_tokens,cache_read_tokens,requests,successful_requests,failed_requests,' +
  'success_rate,spend_usd,usd_per_1k_tokens'

/** Everything that the board shows, of all teams. */
export function boardSheetUrl(): string {
  return urlOf(SHEET, { by: 'team', measures: BOARD_MEASURES, order: '-tokens' })
}

export function heatmapUrl(teamId?: string): string {
  return urlOf('/api/v1/heatmap', {}, teamId)
}

export function costUrl(): string {
  return `/tokens/cost-efficiency?${daysQuery()}`
}

/** What cost efficiency cannot be narrowed by; the chart says so. */
export function costIgnores(): boolean {
  return view.filters.provider.length > 0 || view.filters.api_key.length > 0
}
