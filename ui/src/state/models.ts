/** The models that were used in the days shown, for choosing among them. Asked for only where needed. */

import { computed, type ComputedRef } from 'vue'
import type { Models } from '../api/types'
import { useResource } from './resource'
import { daysQuery } from './view'

export function useKnownModels(needed: () => boolean): ComputedRef<string[]> {
  const answer = useResource<Models>(() => (needed() ? `/tokens/models?${daysQuery()}` : null), 30_000)
  return computed(() => answer.data?.models.map((model) => model.model) ?? [])
}
