/**
 * One question to the API that stays answered: asked anew when its URL changes, when figures moved
 * at Podium, and, after a failure, by itself with growing pauses. While an answer to the same
 * question is on its way the old one stays on the screen; one to another question is `stale`, and
 * its figures must not be shown under the words of the new one.
 */

import { onScopeDispose, shallowReactive, watch } from 'vue'
import { ApiError, ask, remembered } from '../api/client'
import { live } from './live'
import { isShut, sight } from './me'

export interface Resource<T> {
  data: T | null
  error: ApiError | null
  /** The answer shown belongs to an earlier question. */
  stale: boolean
  /** The question shown has no answer for now, only that of an earlier one. */
  withheld: boolean
  loading: boolean
  /** Asks again now. */
  retry: () => void
}

const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 20_000

export function useResource<T>(url: () => string | null, leastMs = 2_000): Resource<T> {
  let aborter: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = FIRST_PAUSE_MS
  let askedAt = 0
  let again = false

  const resource = shallowReactive<Resource<T>>({
    data: null,
    error: null,
    stale: false,
    get withheld(): boolean {
      return this.stale && this.error !== null
    },
    loading: false,
    retry: () => load(),
  })

  /** Without signing in there is no answer to anything, so nothing is asked. */
  const question = (): string | null => (isShut.value ? null : url())

  function load(): void {
    clearTimeout(timer)
    aborter?.abort()
    const wanted = question()
    if (wanted === null) return
    const own = new AbortController()
    aborter = own
    askedAt = Date.now()
    again = false
    resource.loading = true
    ask<T>(wanted, own.signal)
      .then((data) => {
        if (own.signal.aborted) return
        resource.data = data
        resource.error = null
        resource.stale = false
        pauseMs = FIRST_PAUSE_MS
        finish(again ? leastMs : null)
      })
      .catch((error: unknown) => {
        if (own.signal.aborted) return
        resource.error = error instanceof ApiError ? error : new ApiError('fault', null, String(error))
        // What was refused is refused again; everything else may pass.
        finish(resource.error.isFinal ? null : pauseMs)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      })
  }

  function finish(againInMs: number | null): void {
    resource.loading = false
    if (againInMs !== null) timer = setTimeout(load, againInMs)
  }

  watch(
    [question, sight],
    ([wanted, now], [, before]) => {
      const known = wanted === null ? undefined : remembered<T>(wanted)
      if (known !== undefined) resource.data = known
      // What somebody else was told is not shown, not even for a moment.
      else if (now !== before) resource.data = null
      resource.stale = known === undefined && resource.data !== null
      resource.error = null
      pauseMs = FIRST_PAUSE_MS
      load()
    },
    { immediate: true },
  )
  watch(
    () => [live.version, live.state === 'live'] as const,
    () => {
      if (question() === null || resource.error?.isOfAccess) return
      if (resource.loading) again = true
      else {
        clearTimeout(timer)
        timer = setTimeout(load, Math.max(0, askedAt + leastMs - Date.now()))
      }
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    aborter?.abort()
  })
  return resource
}
