/** The API's answers by the names that the page uses for them. All but events are described in `openapi.json`. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Meta = Schemas['Meta']
export type Status = Schemas['SyncStatus']
/** The sums that are known of every period. Rates are made of them, for any period and any filter. */
export type Measures = Schemas['PreviousStanding']
type Compared = Measures & { previous?: Measures | null }
/** Of the leaderboard, what the page reads. */
export type BoardTeam = Compared & Pick<Schemas['TeamStanding'], 'team_id' | 'name' | 'deleted' | 'trend'>
export type Board = Omit<Schemas['Leaderboard'], 'teams' | 'totals'> & { teams: BoardTeam[]; totals: Compared }
export type Activity = Schemas['Activity']
export type ActivitySeries = Schemas['ActivitySeries']
export type Bucket = Schemas['ActivityBucket']
export type Heatmap = Schemas['Heatmap']
export type Tokens = Schemas['Tokens']
export type Models = Schemas['Models']
export type CostEfficiency = Schemas['CostEfficiency']

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
