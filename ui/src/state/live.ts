/**
 * The connection to Podium: server-sent events where they work, asking every few seconds where they
 * do not. What views depend on is `version`: when it moves, figures moved.
 */

import { at } from '../api/base'
import { presentMs } from '../api/serverClock'
import { reactive, watch } from 'vue'
import type { Status, Totals } from '../api/types'
import { ask } from '../api/client'
import { patched } from '../logic/mergePatch'
import { askMe, isShut, mode, sight } from './me'

export interface Live {
  state: 'connecting' | 'live' | 'polling' | 'lost'
  version: number
  status: Status | null
  totals: Totals | null
  /** When Podium last said anything. */
  heardAt: number | null
  lostSince: number | null
}

export const live = reactive<Live>({
  state: 'connecting',
  version: 0,
  status: null,
  totals: null,
  heardAt: null,
  lostSince: null,
})

const POLL_MS = 5_000
const LONGEST_WAIT_MS = 30_000
/** Where nothing changes no events come, and how old the newest figures are has to be asked for. */
const QUIET_MS = 15_000

let source: EventSource | null = null
let pollTimer: ReturnType<typeof setTimeout> | undefined
let quietTimer: ReturnType<typeof setTimeout> | undefined
let reopenTimer: ReturnType<typeof setTimeout> | undefined
let reopenAfterMs = 2_000

export function startLive(): void {
  watch(
    [isShut, sight],
    () => {
      live.totals = null
      if (isShut.value) rest()
      else reopen()
    },
    { immediate: true },
  )
  window.addEventListener('online', reopen)
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : reopen()))
}

function open(): void {
  source?.close()
  if (isShut.value) return
  source = new EventSource(at('/api/v1/events?topics=totals,freshness&patch=true'))
  source.addEventListener('open', () => {
    reopenAfterMs = 2_000
    clearTimeout(pollTimer)
    heard('live')
    awaitFreshness()
  })
  source.addEventListener('totals', (event) => {
    live.totals = told(live.totals, event)
    if (live.totals) moved(live.totals.data_version)
  })
  source.addEventListener('freshness', (event) => {
    live.status = told(live.status, event)
    if (live.status) moved(live.status.data_version)
    awaitFreshness()
  })
  source.onerror = () => {
    // The browser's own retry gives up on some answers (a 404, say); ours does not.
    source?.close()
    source = null
    if (live.state === 'live') live.state = 'connecting'
    // It also ends when the session does, or when one may see something else.
    if (mode.value !== 'open') void askMe()
    poll()
    reopenTimer = setTimeout(open, reopenAfterMs)
    reopenAfterMs = Math.min(reopenAfterMs * 2, LONGEST_WAIT_MS)
  }
}

function awaitFreshness(): void {
  clearTimeout(quietTimer)
  quietTimer = setTimeout(() => {
    if (live.state !== 'live' || document.hidden) return
    void ask<Status>('/api/v1/status')
      .then((status) => {
        live.status = status
        moved(status.data_version)
      })
      // Whether Podium is there the events tell.
      .catch(() => undefined)
      .finally(awaitFreshness)
  }, QUIET_MS)
}

/**
 * Browsers open few connections to a server, and events hold one for as long as they last: pages
 * that nobody looks at would starve those in front.
 */
export function rest(): void {
  clearTimeout(reopenTimer)
  clearTimeout(pollTimer)
  source?.close()
  source = null
  if (live.state === 'live') live.state = 'connecting'
}

export function reopen(): void {
  clearTimeout(reopenTimer)
  reopenAfterMs = 2_000
  open()
}

function poll(): void {
  clearTimeout(pollTimer)
  if (isShut.value) return
  void ask<Status>('/api/v1/status')
    .then((status) => {
      if (live.state === 'live') return
      // Podium is back: the events come back with it, without waiting for the longer pause.
      if (live.state === 'lost') reopen()
      live.status = status
      heard('polling')
      moved(status.data_version)
    })
    .catch(() => {
      if (live.state === 'live') return
      live.lostSince ??= live.heardAt ?? presentMs()
      live.state = 'lost'
    })
    .finally(() => {
      if (live.state !== 'live' && !document.hidden) pollTimer = setTimeout(poll, POLL_MS)
    })
}

function heard(state: 'live' | 'polling'): void {
  live.state = state
  live.heardAt = presentMs()
  live.lostSince = null
}

function moved(version: number): void {
  live.heardAt = presentMs()
  live.version = version
}

/** A topic's state with what the event says of it. */
function told<T>(state: T | null, event: MessageEvent<string>): T | null {
  try {
    return patched(state, JSON.parse(event.data))
  } catch {
    return state
  }
}
