/** The models that were used in the days shown, for choosing among them. Asked for only where needed. */

import { computed, type ComputedRef } from 'vue'
import type { Sheet } from '../api/types'
import { ALL_MODELS } from '../logic/models'
import { rowsOf } from '../logic/sheet'
import { mayAsk } from './me'
import { knownModelsUrl } from './questions'
import { useResource } from './resource'

export function useKnownModels(needed: () => boolean): ComputedRef<string[]> {
  const answer = useResource<Sheet>(() => (needed() && mayAsk('models') ? knownModelsUrl() : null), 30_000)
  return computed(() => {
    const names = answer.data ? rowsOf(answer.data).flatMap((row) => row.text('model') ?? []) : []
    return names.filter((name) => name !== ALL_MODELS)
  })
}
