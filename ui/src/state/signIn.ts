/** Signing in and out: what is asked, and what the page does afterwards. */

import { computed, nextTick, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue'
import { ApiError, hush, send } from '../api/client'
import type { Me } from '../api/types'
import { returnPath } from '../logic/returnPath'
import { at } from '../api/base'
import { askMe, become } from './me'
import { BELL, forgetLocally } from './preferences'
import { reopen, rest } from './live'
import { follow, here, place, placeOf } from './router'

const leadsSomewhere = (path: string): boolean => !['lost', 'sign-in'].includes(placeOf(path).view)

/** Where one wants to be: here, where the sign-in stands in a view's place. */
export function wayBack(): string {
  if (place.value.view !== 'sign-in') return here()
  return returnPath(new URLSearchParams(window.location.search).get('to'), leadsSomewhere)
}

/** What the provider's way back said went wrong. */
export function deniedBy(): string | null {
  return place.value.view === 'sign-in' ? new URLSearchParams(window.location.search).get('error') : null
}

export function goBack(): void {
  if (place.value.view === 'sign-in') follow(at(wayBack()), true)
}

interface SignIn {
  key: Ref<string>
  error: Ref<ApiError | null>
  isAsking: Ref<boolean>
  /** Seconds until one may try again; 0 where one may. */
  waitSeconds: ComputedRef<number>
  submit: () => Promise<void>
}

const SECOND_MS = 1_000

export function useSignIn(): SignIn {
  const key = ref('')
  const error = ref<ApiError | null>(null)
  const isAsking = ref(false)
  const until = ref(0)
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), SECOND_MS)
  onScopeDispose(() => clearInterval(timer))
  const waitSeconds = computed(() => Math.max(0, Math.ceil((until.value - now.value) / SECOND_MS)))

  async function submit(): Promise<void> {
    if (isAsking.value || waitSeconds.value > 0 || key.value.trim() === '') return
    isAsking.value = true
    error.value = null
    try {
      const next = await send<Me>('POST', '/api/v1/sign-in', { key: key.value.trim() })
      key.value = ''
      become(next)
      goBack()
    } catch (problem) {
      error.value = problem instanceof ApiError ? problem : new ApiError('fault', null, String(problem))
      now.value = Date.now()
      until.value = now.value + SECOND_MS * (error.value.retryAfterSeconds ?? 0)
    } finally {
      isAsking.value = false
    }
  }

  return { key, error, isAsking, waitSeconds, submit }
}

/** What a browser brings back with its back button is of somebody who has left: it is loaded anew. */
function leaveFor(location: string): void {
  window.addEventListener('pageshow', (event) => event.persisted && window.location.reload())
  window.location.assign(location)
}

/** Also where the session of a provider ends, if it has one. */
export async function signOut(everywhere: boolean): Promise<void> {
  // What is still asked while the session ends is refused, and nobody reads it any more.
  rest()
  const speak = hush()
  try {
    const { location } = await send<{ location: string | null }>('POST', '/api/v1/sign-out', { everywhere })
    forgetLocally(BELL)
    if (location !== null && /^https?:/.test(location)) return leaveFor(location)
    await askMe()
    // Questions of whoever left are given up before others may go on.
    await nextTick()
  } catch (error) {
    speak()
    reopen()
    throw error
  }
  speak()
}
