/** The API's answers by the names that the page uses for them. All but events are described in `openapi.json`. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Meta = Schemas['Meta']
export type Status = Schemas['SyncStatus']
/** The answer to any question. */
export type Sheet = Schemas['SheetJson']
/** A bucket of time. */
export type Bucket = Pick<Schemas['SheetBucket'], 'name' | 'state'> & { start: string; end: string }

/** The body of the event `totals`: all usage of today in UTC. */
export interface Totals {
  data_version: number
  at: string
  date: string
  tokens: number
  requests: number
  failed_requests: number
  spend_usd: number
  /** Over the last minute that is known; `null` where none is. */
  tokens_per_second: number | null
}
