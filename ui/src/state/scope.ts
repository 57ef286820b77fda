/** How much of what is asked for is shown to whoever looks, as the answers tell. */

import { computed, onScopeDispose, shallowReactive, shallowRef, watch } from 'vue'
import type { Scope, Sheet } from '../api/types'

/** Of the leaderboard. */
export const boardScope = shallowRef<Scope | null>(null)

const reaches = shallowReactive(new Map<symbol, Scope['reach']>())

/** Tells how far an answer reaches, for as long as it is on the screen. */
export function tellReach(sheet: () => Sheet | null): void {
  const place = Symbol('reach')
  watch(sheet, (now) => reaches.set(place, now?.meta.scope?.reach ?? 'all'), { immediate: true })
  onScopeDispose(() => reaches.delete(place))
}

/** Whether some figures on the screen are of one's own teams or keys alone. */
export const isOwnOnly = computed(() => [...reaches.values()].includes('own'))
