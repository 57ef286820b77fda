/** How much of what is asked for is shown to whoever looks, as the answers tell. */

import { computed, onScopeDispose, shallowReactive, shallowRef, watch, type ComputedRef } from 'vue'
import type { Scope, Sheet } from '../api/types'
import { t } from '../i18n'
import { reachOfFigures } from '../logic/access'
import { me } from './me'
import { place } from './router'

/** Of the leaderboard. */
export const boardScope = shallowRef<Scope | null>(null)

const reaches = shallowReactive(new Map<symbol, Scope['reach']>())

/** Whose team's page it is says whose figures these are. */
const isToldApart = computed(() => place.value.view !== 'team')

/** Whether all figures on the screen are of one's own teams or keys alone. */
export const isOwnOnly = computed(
  () => isToldApart.value && reaches.size > 0 && [...reaches.values()].every((reach) => reach === 'own'),
)

/** Whether an answer is of one's own alone, beside others that are not; tells of it while it is on the screen. */
export function useReach(sheet: () => Sheet | null, tellsRanks = false): ComputedRef<boolean> {
  const key = Symbol('reach')
  watch(
    sheet,
    (now) => reaches.set(key, (now && (tellsRanks ? now.meta.scope?.reach : reachOfFigures(now))) || 'all'),
    { immediate: true },
  )
  onScopeDispose(() => reaches.delete(key))
  return computed(() => isToldApart.value && !isOwnOnly.value && reaches.get(key) === 'own')
}

export function hidesSome(sheet: Sheet | null): boolean {
  return (sheet?.meta.scope?.hidden.length ?? 0) > 0
}

export function ownOnlyText(): string {
  return t(me.value?.role === 'self' ? 'reach.keys' : 'reach.teams')
}
