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

export function activityUrl(question: Question): string {
  const query = withFilters(daysQuery(question.of ?? days.value), question.teamId)
  query.set('grain', question.grain ?? grain.value)
  query.set('by', question.by)
  query.set('measures', question.measures)
  return `/api/v1/activity?${query}`
}

/** The same question to the API that answers any, for files and for those who go on from there. */
export function sheetUrl(question: Question): string {
  const query = withFilters(daysQuery(question.of ?? days.value), question.teamId)
  query.set('grain', question.grain ?? grain.value)
  if (question.by !== 'total') query.set('by', question.by)
  query.set('measures', question.measures)
  return `/api/v1/query?${query}`
}

export function hoursSheetUrl(grain: 'hour_of_day' | 'weekday_hour', teamId?: string): string {
  const query = withFilters(daysQuery(), teamId)
  query.set('grain', grain)
  query.set('measures', 'tokens,requests,failed_requests,spend_usd')
  return `/api/v1/query?${query}`
}

export function costSheetUrl(teamId?: string): string {
  const query = withFilters(daysQuery(), teamId)
  query.set('by', 'team,model')
  query.set('measures', 'tokens,spend_usd,usd_per_1k_tokens')
  return `/api/v1/query?${query}`
}

/** Everything that the board shows, of all teams. */
export function boardSheetUrl(): string {
  const query = filtersInto(daysQuery())
  query.set('by', 'team')
  query.set('measures', BOARD_MEASURES)
  query.set('order', '-tokens')
  return `/api/v1/query?${query}`
}

const BOARD_MEASURES =
  'tokens,prompt_tokens,completion_tokens,cache_read_tokens,requests,successful_requests,failed_requests,' +
  'success_rate,spend_usd,usd_per_1k_tokens'

export function heatmapUrl(teamId?: string): string {
  return `/api/v1/heatmap?${withFilters(daysQuery(), teamId)}`
}

export function costUrl(): string {
  return `/tokens/cost-efficiency?${daysQuery()}`
}

/** What cost efficiency cannot be narrowed by; the chart says so. */
export function costIgnores(): boolean {
  return view.filters.provider.length > 0 || view.filters.api_key.length > 0
}
