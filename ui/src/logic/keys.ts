/** A sheet by key and model as keys with their models. */

import type { Sheet } from '../api/types'
import { ALL_MODELS } from './models'
import { rowsOf } from './sheet'

interface ModelOfKey {
  name: string
  tokens: number
  prompt: number
  completion: number
}

export interface KeyOfTeam {
  id: string
  /** `null` for a key without a name. */
  alias: string | null
  /** Most tokens first, as the rows come. */
  models: ModelOfKey[]
  total: number
}

/** Keys of teams with too few of them to tell people apart come as one row by this id. */
export const TOO_FEW_KEYS = 'hidden'

/** The beginning of a hash; what came short already stays as it is. */
export function shortKey(id: string, letters = 12): string {
  return id.length > letters ? `${id.slice(0, letters)}…` : id
}

/** The keys with most tokens first. What no model claims is told where there is something of it, or nothing else. */
export function keysOf(sheet: Sheet): KeyOfTeam[] {
  const keys = new Map<string, KeyOfTeam>()
  const idle = new Map<string, ModelOfKey>()
  for (const row of rowsOf(sheet)) {
    const id = row.text('api_key') ?? ''
    const key = keys.get(id) ?? { id, alias: row.text('api_key_alias'), models: [], total: 0 }
    keys.set(id, key)
    const of = (measure: string): number => row.number(measure) ?? 0
    const model = {
      name: row.text('model') ?? '',
      tokens: of('tokens'),
      prompt: of('prompt_tokens'),
      completion: of('completion_tokens'),
    }
    if (model.name === ALL_MODELS && of('tokens') === 0 && of('requests') === 0) idle.set(id, model)
    else key.models.push(model)
    key.total += model.tokens
  }
  for (const [id, model] of idle) {
    const key = keys.get(id)
    if (key?.models.length !== 0) continue
    // Without a key, that is nothing at all.
    if (id === '') keys.delete(id)
    else key.models.push(model)
  }
  return [...keys.values()].sort((a, b) => b.total - a.total)
}
