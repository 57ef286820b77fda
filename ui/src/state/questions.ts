/** The questions that charts ask, as URLs. */

import { FILTERS } from '../logic/link'
import { days, daysQuery, filtersInto, grain, view } from './view'
import type { Days, Grain } from '../logic/range'

interface Question {
  by: 'team' | 'model' | 'provider' | 'total'
  measures: string
  grain?: Grain
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
