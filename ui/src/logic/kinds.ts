/**
 * Kinds of tokens that add up. The gateway counts what was read from or written to a cache inside
 * the prompt (LiteLLM's `cache_read_input_tokens` and `cache_creation_input_tokens`), so the prompt
 * is split rather than the cache added.
 */

import type { Timeline } from './timeline'

export const KINDS = ['prompt', 'cache_read', 'cache_write', 'completion'] as const
export type Kind = (typeof KINDS)[number]

export function kindsOf(timeline: Timeline): { kind: Kind; values: (number | null)[] }[] {
  const of = (measure: string, index: number): number | null => timeline.series[0]?.values[measure]?.[index] ?? null
  const valueAt = (kind: Kind, index: number): number | null => {
    const read = of('cache_read_tokens', index)
    const write = of('cache_creation_tokens', index)
    if (kind === 'cache_read') return read
    if (kind === 'cache_write') return write
    if (kind === 'completion') return of('completion_tokens', index)
    const prompt = of('prompt_tokens', index)
    // Some providers count cache writes beside the prompt; a negative bar would say nothing true.
    return prompt === null ? null : Math.max(0, prompt - (read ?? 0) - (write ?? 0))
  }
  return KINDS.map((kind) => ({ kind, values: timeline.buckets.map((_, index) => valueAt(kind, index)) }))
}
