/**
 * What one looks at, and how it is written into a link. Reading never fails: what makes no sense in
 * a link counts as not said.
 */

import { isDay, isZone } from './days'
import { EACH, PLAIN_EXPLORATION, SPLITS, WHATS, type Exploration } from './explore'
import { MEASURES, type Measure } from './rank'
import { readGoal, writeGoal, type Goal } from './goal'
import { SCORES, type Score } from './score'
import { WHY_MEASURES, WHY_SPLITS, type WhyMeasure, type WhySplit } from './why'
import { GRAINS, PRESETS, type Grain, type Preset, type Range } from './range'

export const FILTERS = ['team_id', 'model', 'provider', 'api_key'] as const
export type FilterName = (typeof FILTERS)[number]
export type Filters = Record<FilterName, string[]>
export const GROUPINGS = ['team', 'model', 'provider'] as const
export type Grouping = (typeof GROUPINGS)[number]
export const SHAPES = ['stacked', 'lines'] as const
export type Shape = (typeof SHAPES)[number]
/** With what a period is compared: up to the same moment where it is still running, all of it, or nothing. */
export const COMPARISONS = ['to_now', 'whole', 'off'] as const
export type Comparison = (typeof COMPARISONS)[number]
export const COST_LOOKS = ['bubbles', 'heat'] as const
export type CostLook = (typeof COST_LOOKS)[number]

/** The change that is explained: of one team or, without one, of the whole board. */
export interface Explained {
  measure: WhyMeasure
  teamId: string
  split: WhySplit
}

export interface View {
  range: Range
  zone: string
  measure: Measure
  score: Score
  goal: Goal | null
  compare: Comparison
  search: string
  filters: Filters
  /** The team whose keys and models are shown, by id. */
  open: string
  grain: Grain | 'auto'
  by: Grouping
  shape: Shape
  cost: CostLook
  /** Also usage of deleted teams and without a team. */
  unlisted: boolean
  /** Charts that show their table. */
  tables: string[]
  explore: Exploration
  why: Explained | null
}

export function plainView(zone: string, measure: Measure = 'tokens'): View {
  return {
    range: { preset: 'today' },
    zone,
    measure,
    score: 'plain',
    goal: null,
    compare: 'to_now',
    search: '',
    filters: { team_id: [], model: [], provider: [], api_key: [] },
    open: '',
    grain: 'auto',
    by: 'team',
    shape: 'stacked',
    cost: 'bubbles',
    unlisted: false,
    tables: [],
    explore: { ...PLAIN_EXPLORATION },
    why: null,
  }
}

export function writeView(view: View): URLSearchParams {
  const query = new URLSearchParams()
  if ('preset' in view.range) query.set('range', view.range.preset)
  else {
    query.set('start', view.range.start)
    query.set('end', view.range.end)
  }
  query.set('tz', view.zone)
  if (view.measure !== 'tokens') query.set('measure', view.measure)
  if (view.score !== 'plain') query.set('score', view.score)
  if (view.goal) query.set('goal', writeGoal(view.goal))
  if (view.compare !== 'to_now') query.set('compare', view.compare)
  if (view.search) query.set('search', view.search)
  for (const name of FILTERS) for (const value of view.filters[name]) query.append(name, value)
  if (view.open) query.set('open', view.open)
  if (view.grain !== 'auto') query.set('grain', view.grain)
  if (view.by !== 'team') query.set('by', view.by)
  if (view.shape !== 'stacked') query.set('shape', view.shape)
  if (view.cost !== 'bubbles') query.set('cost', view.cost)
  if (view.unlisted) query.set('unlisted', 'on')
  for (const chart of view.tables) query.append('table', chart)
  const { what, split, each } = view.explore
  if (what !== PLAIN_EXPLORATION.what) query.set('what', what)
  if (split.join() !== PLAIN_EXPLORATION.split.join()) query.set('split', split.join() || 'none')
  if (each !== PLAIN_EXPLORATION.each) query.set('each', each)
  if (view.why) {
    query.set('why', view.why.measure)
    if (view.why.teamId) query.set('why_team', view.why.teamId)
    query.set('why_by', view.why.split)
  }
  return query
}

export function readView(query: URLSearchParams, zone: string): View {
  const plain = plainView(zone)
  const tz = query.get('tz') ?? ''
  return {
    range: readRange(query) ?? plain.range,
    zone: isZone(tz) ? tz : zone,
    measure: oneOf(MEASURES, query.get('measure')) ?? plain.measure,
    score: oneOf(SCORES, query.get('score')) ?? plain.score,
    goal: readGoal(query.get('goal')),
    compare: oneOf(COMPARISONS, query.get('compare')) ?? plain.compare,
    search: query.get('search') ?? '',
    filters: readFilters(query),
    open: query.get('open') ?? '',
    grain: oneOf(GRAINS, query.get('grain')) ?? plain.grain,
    by: oneOf(GROUPINGS, query.get('by')) ?? plain.by,
    shape: oneOf(SHAPES, query.get('shape')) ?? plain.shape,
    cost: oneOf(COST_LOOKS, query.get('cost')) ?? plain.cost,
    unlisted: query.get('unlisted') === 'on',
    tables: [...new Set(query.getAll('table'))],
    explore: readExploration(query),
    why: readWhy(query),
  }
}

/** What one goes back to: what is chosen, not what is typed or unfolded on the way. */
export function stepOf(view: View): string {
  const { range, zone, measure, score, goal, compare, filters, explore } = view
  return JSON.stringify([range, zone, measure, score, goal, compare, explore, FILTERS.map((name) => filters[name])])
}

function readWhy(query: URLSearchParams): Explained | null {
  const measure = oneOf(WHY_MEASURES, query.get('why'))
  const teamId = query.get('why_team') ?? ''
  const split = oneOf(WHY_SPLITS, query.get('why_by')) ?? splitOf(teamId)
  return measure ? { measure, teamId, split } : null
}

/** A board is told apart by its teams, a team by its keys. */
export function splitOf(teamId: string): WhySplit {
  return teamId === '' ? 'team' : 'api_key'
}

function readExploration(query: URLSearchParams): Exploration {
  const named = query.get('split')?.split(',')
  const split = [...new Set(named)].flatMap((name) => oneOf(SPLITS, name) ?? [])
  return {
    what: oneOf(WHATS, query.get('what')) ?? PLAIN_EXPLORATION.what,
    split: named ? split.slice(0, 2) : [...PLAIN_EXPLORATION.split],
    each: oneOf(EACH, query.get('each')) ?? PLAIN_EXPLORATION.each,
  }
}

function readRange(query: URLSearchParams): Range | null {
  const start = query.get('start') ?? ''
  const end = query.get('end') ?? ''
  if (isDay(start) && isDay(end) && start <= end) return { start, end }
  const preset: Preset | null = oneOf(PRESETS, query.get('range'))
  return preset ? { preset } : null
}

function readFilters(query: URLSearchParams): Filters {
  const values = (name: FilterName): string[] => [...new Set(query.getAll(name))].filter((value) => value !== '')
  return {
    team_id: values('team_id'),
    model: values('model'),
    provider: values('provider'),
    api_key: values('api_key'),
  }
}

function oneOf<T extends string>(choices: readonly T[], text: string | null): T | null {
  return choices.find((choice) => choice === text) ?? null
}
