/**
 * Fairer ways to rank than by plain sums. A score is a formula over what the API tells of a team; how many
 * people a team has it does not tell, so the keys that were used stand for them.
 */

import type { Sheet } from '../api/types'
import type { Measures } from './board'
import { valueBy, type Measure } from './measure'
import { rowsOf } from './sheet'

export const SCORES = ['plain', 'per_key', 'per_usd', 'no_cache', 'success'] as const
export type Score = (typeof SCORES)[number]

/** What some scores need besides the sums of a team. */
export interface Basis {
  /** Keys of which anything was used. */
  keys: number
  /** Tokens without those that were read from a cache. */
  uncached: number
}

/** A score of dollars per dollar, or of rates, would say nothing. */
const OF: Record<Measure, readonly Score[]> = {
  tokens: SCORES,
  requests: ['plain', 'per_key', 'per_usd', 'success'],
  spend_usd: ['plain', 'per_key'],
  success_rate: ['plain'],
  usd_per_1k_tokens: ['plain'],
}

export function scoresOf(measure: Measure): readonly Score[] {
  return OF[measure]
}

/** Those of which everything is shown that they are made of. */
export function scoresShown(measure: Measure, hidden: readonly string[], seesKeys: boolean): readonly Score[] {
  const needs: Record<Score, boolean> = {
    plain: true,
    per_key: seesKeys,
    no_cache: seesKeys,
    per_usd: !hidden.includes('spend_usd'),
    success: !hidden.includes('requests') && !hidden.includes('successful_requests'),
  }
  return OF[measure].filter((score) => score === 'plain' || (needs[score] && !hidden.includes(measure)))
}

/** The score that is chosen, where the measure has it. */
export function scoreFor(measure: Measure, chosen: Score, choices = scoresOf(measure)): Score {
  return choices.includes(chosen) ? chosen : 'plain'
}

export function needsBasis(score: Score): boolean {
  return score === 'per_key' || score === 'no_cache'
}

/** Whether the scores of all teams together mean something. */
export function scoresAddUp(score: Score): boolean {
  return score === 'plain' || score === 'no_cache' || score === 'success'
}

/** The score of a team; `null` where it has none. */
export function scored(sums: Measures, measure: Measure, score: Score, basis: Basis | undefined): number | null {
  const plain = valueBy(sums, measure)
  if (score === 'plain' || plain === null) return plain
  if (score === 'per_key') return basis && basis.keys > 0 ? plain / basis.keys : null
  if (score === 'per_usd') return sums.spend_usd !== null && sums.spend_usd > 0 ? plain / sums.spend_usd : null
  if (score === 'no_cache') return basis && basis.uncached > 0 ? basis.uncached : null
  const { successful_requests: successful, requests } = sums
  return successful !== null && requests !== null && successful > 0 ? plain * (successful / requests) : null
}

export interface Bases {
  now: Map<string, Basis>
  /** Empty where the period before is not known. */
  previous: Map<string, Basis>
}

/** Of a sheet by team and key. */
export function basesOf(sheet: Sheet): Bases {
  return {
    now: of(sheet, ''),
    previous: sheet.compare?.complete === true ? of(sheet, 'previous_') : new Map(),
  }
}

function of(sheet: Sheet, period: '' | 'previous_'): Map<string, Basis> {
  const bases = new Map<string, Basis>()
  for (const row of rowsOf(sheet)) {
    const id = row.text('team_id') ?? ''
    const sum = (measure: string): number => row.number(`${period}${measure}`) ?? 0
    if (sum('tokens') === 0 && sum('requests') === 0) continue
    const known = bases.get(id) ?? { keys: 0, uncached: 0 }
    known.keys += 1
    known.uncached += sum('tokens') - sum('cache_read_tokens')
    bases.set(id, known)
  }
  return bases
}
