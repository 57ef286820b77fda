/**
 * Who looks, and what they may see. How much of the page is open to anybody stands in the page
 * itself, so that the head has its room before anything is asked.
 */

import { computed, ref, shallowRef } from 'vue'
import { ApiError, forget, onBarred, send } from '../api/client'
import type { Me, Shown } from '../api/types'
import { doorOf, isOpenTeam, isShownOfOthers, sightOf, type Door } from '../logic/access'

/** `null` until it is known. */
export const me = shallowRef<Me | null>(null)

const told = document.querySelector<HTMLMetaElement>('meta[name="podium-access"]')?.content
const modeOfPage: Me['mode'] = told === 'board' || told === 'private' ? told : 'open'

export const mode = computed(() => me.value?.mode ?? modeOfPage)

/** Grows when somebody else looks, or may see something else: what was answered before is not theirs. */
export const sight = ref(0)

/** Nothing is to be had without signing in, so nothing is asked. */
export const isShut = computed(() => mode.value === 'private' && (me.value?.role ?? 'anybody') === 'anybody')

/** Whether this is shown of all teams; what is not known yet is not. */
export function sees(what: Shown): boolean {
  return me.value ? isShownOfOthers(me.value, what) : mode.value === 'open'
}

/** Whether it is worth asking: who is signed in is at least told of the own teams. */
export function mayAsk(what: Shown): boolean {
  return sees(what) || (me.value !== null && me.value.role !== 'anybody')
}

/** Whether a team's keys and models are shown. */
export function opensTeam(teamId: string): boolean {
  return me.value ? isOpenTeam(me.value, teamId) : mode.value === 'open'
}

/** What stands in the place of a view; `null` until it is known who looks. */
export function doorTo(view: string): Door | null {
  if (me.value) return doorOf(me.value, view)
  const door = doorOf({ mode: mode.value, role: 'anybody' }, view)
  return door === 'open' ? door : null
}

export function become(next: Me): void {
  const before = me.value
  me.value = next
  // What was asked first was asked by the same person.
  if (before === null || sightOf(before) === sightOf(next)) return
  forget()
  sight.value += 1
}

/** Why it is not known who looks, where nothing can be shown without. */
export const trouble = shallowRef<ApiError | null>(null)
let asking: Promise<void> | null = null
let timer: ReturnType<typeof setTimeout> | undefined
const AGAIN_MS = 4_000

/** Only one question is on its way at a time. */
export function askMe(): Promise<void> {
  clearTimeout(timer)
  asking ??= send<Me>('GET', '/api/v1/me')
    .then((next) => {
      trouble.value = null
      become(next)
    })
    .catch((error: unknown) => {
      // A Podium without this route is open; and who was known before stays so while it is away.
      if (mode.value === 'open' || me.value) return
      trouble.value = error instanceof ApiError ? error : new ApiError('fault', null, String(error))
      timer = setTimeout(() => void askMe(), AGAIN_MS)
    })
    .finally(() => (asking = null))
  return asking
}

export function startMe(): void {
  // A Podium that was open may come back as one that is not.
  onBarred(() => void askMe())
  if (mode.value !== 'open') void askMe()
  document.addEventListener('visibilitychange', () => {
    // One may have signed in or out elsewhere meanwhile.
    if (!document.hidden && mode.value !== 'open') void askMe()
  })
}
