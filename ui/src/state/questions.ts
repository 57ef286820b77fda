/** The questions that the page asks, as URLs: all figures come from one place. */

import { FILTERS, type FilterName } from '../logic/link'
import { addDays } from '../logic/days'
import { splitsOf, type Split } from '../logic/explore'
import { naturalGrain, type Days, type Grain } from '../logic/range'
import { SUMS } from '../logic/board'
import type { WhyMeasure } from '../logic/why'
import { SLOTS } from '../logic/series'
import { filterValue } from '../logic/sheet'
import { days, grain, view } from './view'

interface Question {
  measures: string
  by?: string
  /** That of the view where none is named. */
  grain?: string
  of?: Days
  /** On a team's own page the team stands instead of the chosen teams. */
  teamId?: string | undefined
  filters?: readonly FilterName[]
  order?: string
  compare?: 'previous' | 'previous_to_now'
  /** Rows for teams without usage, too. */
  zeros?: 'true'
}

export function sheetUrl({ of = days.value, teamId, filters = FILTERS, ...parts }: Question): string {
  const query = new URLSearchParams({ start_date: of.start, end_date: of.end, tz: view.zone })
  if (view.unlisted) query.set('include', 'unassigned,deleted')
  if (teamId !== undefined) query.append('team_id', filterValue(teamId))
  for (const name of filters)
    if (name !== 'team_id' || teamId === undefined)
      for (const value of view.filters[name]) query.append(name, filterValue(value))
  for (const [name, value] of Object.entries({ grain: grain.value, ...parts })) query.set(name, value)
  return `/api/v1/query?${query}`
}

/** The same with as many groups as a chart tells apart, and the others together. */
export function seriesUrl(question: Question): string {
  return `${sheetUrl(question)}&limit=${SLOTS}&rest=true`
}

/** What changes the figures of a team; a filter by team leaves rows out. */
const FIGURES = ['model', 'provider', 'api_key'] as const
const TREND_DAYS = 400

function comparison(): Pick<Question, 'compare'> {
  if (view.compare === 'off') return {}
  return { compare: view.compare === 'whole' ? 'previous' : 'previous_to_now' }
}

/** More rows than these come as one. */
const MOST_ROWS = 20_000

/** What scores need: the keys that were used, and what came from caches. */
export function basisUrl(): string {
  const measures = 'tokens,requests,cache_read_tokens'
  return sheetUrl({ by: 'team,api_key', grain: 'total', measures, filters: FIGURES, ...comparison() })
}

/** All that a change is made of, beside the period before. */
export function whyUrl(measure: WhyMeasure, teamId?: string): string {
  return `${sheetUrl({ by: 'team,api_key,model', grain: 'total', measures: measure, teamId, ...comparison() })}&limit=${MOST_ROWS}&rest=true`
}

/** All teams, beside the period before. */
export function boardUrl(): string {
  return sheetUrl({
    by: 'team',
    grain: 'total',
    measures: SUMS.join(','),
    filters: FIGURES,
    order: 'team',
    ...comparison(),
    zeros: 'true',
  })
}

/** How their tokens went, in hours, days or weeks. */
export function trendUrl(): string {
  const { start, end } = days.value
  const first = addDays(end, 1 - TREND_DAYS)
  return sheetUrl({
    by: 'team',
    grain: naturalGrain(days.value) === '1w' ? '1w' : 'auto',
    measures: 'tokens',
    filters: FIGURES,
    // biome-ignore lint/complexity/useMathMinMax: days are text here
    of: { start: first > start ? first : start, end },
  })
}

/** Everything that the board shows, of the chosen teams. */
export function boardSheetUrl(): string {
  const measures =
    'tokens,prompt_tokens,completion_tokens,cache_read_tokens,requests,successful_requests,failed_requests,' +
    'success_rate,spend_usd,usd_per_1k_tokens'
  return sheetUrl({ by: 'team', grain: 'total', measures, order: '-tokens', zeros: 'true' })
}

export function modelsUrl(teamId?: string): string {
  return sheetUrl({ by: 'model', grain: 'total', measures: 'tokens,requests,spend_usd', teamId })
}

/** The models that were used, whatever is filtered by. */
export function knownModelsUrl(): string {
  return sheetUrl({ by: 'model', grain: 'total', measures: 'tokens', filters: [] })
}

/** A team's keys and their models, whatever else is filtered by. */
export function keysUrl(teamId: string): string {
  const measures = 'tokens,prompt_tokens,completion_tokens,requests'
  return sheetUrl({ by: 'api_key,model', grain: 'total', measures, teamId, filters: [] })
}

export function costUrl(teamId?: string): string {
  const measures = 'tokens,spend_usd,usd_per_1k_tokens'
  return sheetUrl({ by: 'team,model', grain: 'total', measures, order: 'team,-tokens', teamId })
}

export function hoursUrl(grain: 'hour_of_day' | 'weekday_hour', teamId?: string): string {
  return sheetUrl({ grain, measures: 'tokens,requests,failed_requests,spend_usd', teamId })
}

/** All teams by the quarter hours of a day, or of days. */
export function quartersUrl(start: string, end = start): string {
  return sheetUrl({
    by: 'team',
    grain: '15m',
    measures: SUMS.join(','),
    filters: FIGURES,
    of: { start, end },
  })
}

/** So many teams by the quarter hours of the period, to be played again. */
export function replayUrl(teams: number): string {
  const question = { by: 'team', grain: '15m', measures: SUMS.join(',') }
  return `${sheetUrl(question)}&limit=${teams}`
}

/** How far back one looks for a team's best day and hour. */
const PAST_DAYS = 90
const PAST_HOUR_DAYS = 7
/** Headlines are told of the teams with most usage: the past of hundreds would be megabytes. */
const PAST_TEAMS = 60

/** Tokens by day of one team, or of those with most, whatever is filtered by. */
export function pastDaysUrl(today: string, teamId?: string): string {
  return pastUrl('1d', { start: addDays(today, 1 - PAST_DAYS), end: today }, teamId)
}

/** The same by hour. */
export function pastHoursUrl(today: string, teamId?: string): string {
  return pastUrl('1h', { start: addDays(today, 1 - PAST_HOUR_DAYS), end: today }, teamId)
}

function pastUrl(grain: Grain, of: Days, teamId?: string): string {
  return `${sheetUrl({ by: 'team', grain, measures: 'tokens', filters: [], of, teamId })}&limit=${PAST_TEAMS}`
}

/** So many groups of a whole are told apart; nobody reads more. */
const MOST_GROUPS = 500

/** What is explored: the picture's, the table's and the files' one question. */
export function exploreUrl(): string {
  const { what, each } = view.explore
  const split = splitsOf(view.explore)
  const limit = each === 'total' ? MOST_GROUPS : SLOTS
  const url = sheetUrl({
    ...(split.length > 0 ? { by: split.join(',') } : {}),
    grain: each,
    measures: what,
    ...(each === 'total' ? { order: `-${what}` } : {}),
  })
  return split.length > 0 ? `${url}&limit=${limit}&rest=true` : url
}

/** The values of a dimension that were used, whatever is filtered by. */
export function valuesUrl(split: Split): string {
  return `${sheetUrl({ by: split, grain: 'total', measures: 'tokens', filters: [] })}&limit=${MOST_GROUPS}`
}

/** Enough days for a forecast of this month and a review of the one of last month. */
const FORECAST_DAYS = 95

/** Spend by day of the last months; the period shown means nothing to it. */
export function monthsUrl(today: string): string {
  return `${sheetUrl({ grain: '1d', measures: 'spend_usd', of: { start: addDays(today, -FORECAST_DAYS), end: today } })}&zeros=true`
}

export function pricesUrl(): string {
  return sheetUrl({
    by: 'model',
    grain: 'total',
    measures: 'usd_per_million_tokens,tokens,spend_usd',
    order: '-tokens',
  })
}
