/**
 * Types of the endpoints that `openapi.json` does not describe yet. Once it does, `npm run types`
 * writes them into `schema.ts`, and this file can go.
 */

import type { components } from './schema'

type Schemas = components['schemas']

export interface Meta extends Omit<Schemas['Meta'], 'incomplete_days'> {
  tz?: string
  incomplete_days: { date: string; reason: string }[]
  source?: 'days' | 'quarter_hours' | 'mixed'
  approximate_days?: string[]
  coverage?: Coverage | null
}

export interface Coverage {
  tokens: number
  explained_tokens: number
}

export interface Status extends Omit<Schemas['SyncStatus'], never> {
  request_logs?: { source: 'polled' | 'pushed' | 'both' | 'none'; read_until: string | null; error: string | null }
}

export interface Measures {
  tokens: number
  requests: number
  successful_requests: number
  failed_requests: number
  spend_usd: number
}

export interface BoardTeam extends Measures {
  team_id: string
  name: string
  deleted?: boolean
  success_rate: number | null
  usd_per_1k_tokens: number | null
  previous: Measures | null
  trend: (number | null)[]
}

export interface Board {
  teams: BoardTeam[]
  totals: Measures & { previous: Measures | null }
  previous: { start_date: string; end_date: string }
  trend_buckets: string[]
  meta: Meta
}

export interface Bucket {
  start: string
  end: string
  state: 'complete' | 'unfinished' | 'unknown'
}

export interface ActivitySeries {
  id: string
  name: string
  values: Record<string, (number | null)[] | undefined>
}

export interface Activity {
  grain: '15m' | '1h' | '1d' | '1w' | '1mo'
  by: 'team' | 'api_key' | 'model' | 'provider' | 'total'
  tz: string
  buckets: Bucket[]
  series: ActivitySeries[]
  meta: Meta
}

export interface HeatCell {
  weekday: number
  hour: number
  tokens: number
  requests: number
  failed_requests: number
  spend_usd: number
}

export interface Heatmap {
  tz: string
  cells: HeatCell[]
  meta: Meta
}

export interface Totals {
  data_version: number
  at: string
  date: string
  tokens: number
  requests: number
  failed_requests: number
  spend_usd: number
  tokens_per_second: number | null
}

export type Tokens = Omit<Schemas['Tokens'], 'meta'> & { meta: Meta }
export type CostEfficiency = Omit<Schemas['CostEfficiency'], 'meta'> & { meta: Meta }
