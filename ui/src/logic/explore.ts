/**
 * Any measure by any one or two dimensions, over any grain: what can be asked, and how an answer is
 * shaped for a picture and a table.
 */

import type { Sheet } from '../api/types'
import type { FilterName } from './link'
import { shortKey } from './keys'
import { modelNames } from './models'
import { rowsOf } from './sheet'

export const WHATS = [
  'tokens',
  'prompt_tokens',
  'completion_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'requests',
  'successful_requests',
  'failed_requests',
  'success_rate',
  'failure_rate',
  'spend_usd',
  'usd_per_million_tokens',
  'usd_per_request',
  'duration_avg_ms',
  'duration_p50_ms',
  'duration_p95_ms',
  'duration_p99_ms',
  'ttft_p50_ms',
  'ttft_p95_ms',
] as const
export type What = (typeof WHATS)[number]

export const SPLITS = ['team', 'api_key', 'model', 'provider_model', 'provider', 'endpoint', 'mcp_tool'] as const
export type Split = (typeof SPLITS)[number]

export const EACH = ['total', '1h', '1d', '1w', '1mo', 'hour_of_day', 'weekday_hour'] as const
export type Each = (typeof EACH)[number]

export interface Exploration {
  what: What
  /** At most two, unlike each other. */
  split: Split[]
  each: Each
}

export const PLAIN_EXPLORATION: Exploration = { what: 'tokens', split: ['team'], each: 'total' }

/** Measures that add up can be stacked, and have a rest. */
export function addsUp(what: What): boolean {
  return !/(_rate|_per_|_ms)/.test(what)
}

export type Unit = 'tokens' | 'requests' | 'usd' | 'percent' | 'ms'

export function unitOf(what: What): Unit {
  if (what.endsWith('_ms')) return 'ms'
  if (what.endsWith('_rate')) return 'percent'
  if (what.includes('usd')) return 'usd'
  return what.endsWith('requests') ? 'requests' : 'tokens'
}

/** What a dimension's values can be filtered by in links. */
export const FILTER_OF: Partial<Record<Split, FilterName>> = {
  team: 'team_id',
  api_key: 'api_key',
  model: 'model',
  provider: 'provider',
}

/** The hours of the week know no dimensions beside them. */
export function splitsOf({ split, each }: Exploration): Split[] {
  return each === 'weekday_hour' ? [] : split
}

/** The column that names a dimension's values, and the one that tells them apart. */
const COLUMNS: Record<Split, { name: string; id: string }> = {
  team: { name: 'team', id: 'team_id' },
  api_key: { name: 'api_key_alias', id: 'api_key' },
  model: { name: 'model', id: 'model' },
  provider_model: { name: 'provider_model', id: 'provider_model' },
  provider: { name: 'provider', id: 'provider' },
  endpoint: { name: 'endpoint', id: 'endpoint' },
  mcp_tool: { name: 'mcp_tool', id: 'mcp_tool' },
}

export interface Value {
  id: string
  name: string
}

export interface Cell {
  bucket: string | null
  /** A value for each dimension, in their order. */
  values: Value[]
  /** Whether it is of all groups that have no row of their own. */
  isRest: boolean
  amount: number | null
}

/** What the answer calls the groups that have no row of their own. */
const REST = 'Others'
const SHORT_KEY = 10

export function cellsOf(sheet: Sheet, { what, split }: Pick<Exploration, 'what' | 'split'>): Cell[] {
  return rowsOf(sheet).map((row) => {
    const values = split.map((dimension): Value => {
      const { name, id } = COLUMNS[dimension]
      const key = row.text(id) ?? ''
      return { id: key, name: row.text(name) ?? (key === '' ? '–' : shortKey(key, SHORT_KEY)) }
    })
    const first = values[0]
    const isRest = sheet.others != null && first?.name === REST && (first.id === '' || first.id === REST)
    return { bucket: row.text('bucket'), values, isRest, amount: row.number(what) }
  })
}

/** One name for a group of one or two values. */
export function groupName(values: readonly Value[]): string {
  return values.map((value) => value.name).join(' · ')
}

/** For pictures: the last parts of models' paths, where those tell them apart. */
export function shortened(cells: readonly Cell[], split: readonly Split[]): Cell[] {
  const names = split.map((dimension, place) => {
    const isModel = dimension === 'model' || dimension === 'provider_model'
    return isModel ? modelNames([...new Set(cells.map((cell) => cell.values[place]?.id ?? ''))]) : null
  })
  return cells.map((cell) => ({
    ...cell,
    values: cell.values.map((value, place) => ({ ...value, name: names[place]?.get(value.id) ?? value.name })),
  }))
}

/** The same answer with its dimensions as one, for pictures that tell one kind of series apart. */
export function merged(sheet: Sheet, exploration: Pick<Exploration, 'what' | 'split'>): Sheet {
  const cells = shortened(cellsOf(sheet, exploration), exploration.split)
  const column = (name: string, kind: 'time' | 'dimension' | 'measure'): Sheet['columns'][number] => ({
    name,
    kind,
    type: kind === 'measure' ? 'number' : 'string',
    unit: null,
  })
  const time = sheet.columns.some((one) => one.kind === 'time') ? [column('bucket', 'time')] : []
  const by = exploration.split.length === 0 ? [] : [column('group', 'dimension'), column('group_id', 'dimension')]
  return {
    ...sheet,
    columns: [...time, ...by, column(exploration.what, 'measure')],
    rows: cells.map((cell) => [
      ...(time.length > 0 ? [cell.bucket] : []),
      ...(by.length > 0
        ? [cell.isRest ? REST : groupName(cell.values), cell.isRest ? null : cell.values.map(({ id }) => id).join('\n')]
        : []),
      cell.amount,
    ]),
  }
}
