/** What teams are ranked by, and a team's value of it. */

import type { Measures } from './board'

export const MEASURES = ['tokens', 'spend_usd', 'requests', 'success_rate', 'usd_per_1k_tokens'] as const
export type Measure = (typeof MEASURES)[number]

/** For these less is better. */
export const ASCENDING: ReadonlySet<Measure> = new Set(['usd_per_1k_tokens'])

export function isAdditive(measure: Measure): boolean {
  return measure === 'tokens' || measure === 'spend_usd' || measure === 'requests'
}

/** The measure's value; `null` where the team has none, or none that is shown. */
export function valueBy(sums: Measures, measure: Measure): number | null {
  if (measure === 'success_rate') return ratio(sums.successful_requests, sums.requests, 100)
  if (measure === 'usd_per_1k_tokens') return ratio(sums.spend_usd, sums.tokens, 1000)
  const value = sums[measure]
  return value !== null && value > 0 ? value : null
}

/** Whether it is kept from whoever asks, rather than not there. */
export function isHidden(sums: Measures, measure: Measure): boolean {
  if (measure === 'success_rate') return sums.requests === null || sums.successful_requests === null
  if (measure === 'usd_per_1k_tokens') return sums.spend_usd === null || sums.tokens === null
  return sums[measure] === null
}

function ratio(part: number | null, whole: number | null, times: number): number | null {
  return part !== null && whole !== null && whole > 0 ? (times * part) / whole : null
}
