/** The API's answers by the names that the page uses for them, as `openapi.json` describes them; some say less there. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Meta = Omit<Schemas['Meta'], 'scope'> & {
  /** What the asker sees of it; not there for who sees everything. */
  scope?: Scope | null
}
export type Status = Schemas['SyncStatus']
/** The answer to any question. */
export type Sheet = Omit<Schemas['SheetJson'], 'meta'> & { meta: Meta }

export type Scope = Omit<Schemas['MetaScope'], 'reach'> & {
  /** `own`: the figures are of the asker's own teams or keys alone. */
  reach: 'all' | 'own'
}
/** A bucket of time. */
export type Bucket = Pick<Schemas['SheetBucket'], 'name' | 'state'> & { start: string; end: string }

/** The body of the event `totals`: all usage of today in UTC, `null` where it is not shown. */
export type Totals = Schemas['LiveTotals']

export type Role = Schemas['Role']
/** What may be shown of teams that are not one's own. */
export type Shown = 'name' | 'rank' | 'tokens' | 'spend' | 'models' | 'keys'

/** The answer of `/api/v1/me`: who asks, and what they may see. */
export type Me = Omit<Schemas['Me'], 'mode' | 'may_see'> & {
  mode: 'open' | 'board' | 'private'
  may_see: Omit<Schemas['MaySee'], 'own' | 'others'> & {
    own: 'everything' | 'teams' | 'keys' | 'nothing'
    others: Shown[]
  }
}

/** A token for programs, as it is listed. */
export type Token = Schemas['Token']
/** What happened at the door. */
export type AccessEntry = Schemas['LogEntry']
