/** What teams are ranked by, and a team's value of it. */

import type { Measures } from './board'

export const MEASURES = ['tokens', 'spend_usd', 'requests', 'success_rate', 'usd_per_1k_tokens'] as const
export type Measure = (typeof MEASURES)[number]

/** For these less is better. */
export const ASCENDING: ReadonlySet<Measure> = new Set(['usd_per_1k_tokens'])

export function isAdditive(measure: Measure): boolean {
  return measure === 'tokens' || measure === 'spend_usd' || measure === 'requests'
}

/** The measure's value; `null` where the team has none. */
export function valueOf(sums: Measures, measure: Measure): number | null {
  if (measure === 'success_rate') return sums.requests > 0 ? (100 * sums.successful_requests) / sums.requests : null
  if (measure === 'usd_per_1k_tokens') return sums.tokens > 0 ? (1000 * sums.spend_usd) / sums.tokens : null
  return sums[measure] > 0 ? sums[measure] : null
}
