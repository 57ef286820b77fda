/** The API's answers by the names that the page uses for them. All but events are described in `openapi.json`. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Meta = Schemas['Meta'] & {
  /** What the asker sees of it; not there for who sees everything. */
  scope?: Scope | null
}
export type Status = Schemas['SyncStatus']
/** The answer to any question. */
export type Sheet = Omit<Schemas['SheetJson'], 'meta'> & { meta: Meta }

export interface Scope {
  /** `own`: the figures are of the asker's own teams or keys alone. */
  reach: 'all' | 'own'
  /** Measures whose cells are `null` for everybody else, and in the totals. */
  hidden: string[]
}
/** A bucket of time. */
export type Bucket = Pick<Schemas['SheetBucket'], 'name' | 'state'> & { start: string; end: string }

/** The body of the event `totals`: all usage of today in UTC, `null` where it is not shown. */
export interface Totals {
  data_version: number
  at: string
  date: string
  tokens: number | null
  requests: number | null
  failed_requests: number | null
  spend_usd: number | null
  /** Over the last minute that is known; `null` where none is. */
  tokens_per_second: number | null
}

export const ROLES = ['anybody', 'self', 'team', 'viewer', 'admin'] as const
export type Role = (typeof ROLES)[number]
/** What may be shown of teams that are not one's own. */
export const SHOWN = ['name', 'rank', 'tokens', 'spend', 'models', 'keys'] as const
export type Shown = (typeof SHOWN)[number]

/** The answer of `/api/v1/me`: who asks, and what they may see. */
export interface Me {
  mode: 'open' | 'board' | 'private'
  role: Role
  signed_in: boolean
  how: 'open' | 'none' | 'key' | 'single_sign_on' | 'proxy' | 'token'
  /** The key's alias, the person's address or name, or the token's name. */
  name: string | null
  /** Own teams. */
  teams: { team_id: string; name: string }[]
  expires_at: string | null
  may_see: {
    own: 'everything' | 'teams' | 'keys' | 'nothing'
    others: Shown[]
    keys_masked: boolean
    /** Teams with fewer active keys are not told apart by key. */
    people_floor: number
  }
  /** The ways to sign in that are offered; the provider by its label. */
  sign_in: { key: boolean; single_sign_on: string | null }
}

/** A token for programs, as it is listed. */
export interface Token {
  id: string
  name: string
  role: Role
  teams: string[]
  /** Whether it may stand in an address. */
  in_address: boolean
  created_at: string
  created_by: string | null
  expires_at: string | null
  last_used_at: string | null
}

/** What happened at the door. */
export interface AccessEntry {
  at: string
  event: string
  who: string | null
  role: string | null
  from: string | null
  detail: string | null
}
