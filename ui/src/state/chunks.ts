/**
 * Parts of the page that are fetched when needed, however long the server is away meanwhile. If it
 * answers but no longer has the part, a newer version of the page was installed: the page loads
 * itself anew, which loses nothing, as its address says all of it.
 */

import { live } from './live'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10_000
/** Failures in a row, with the server there, that mean a new version. */
const ENOUGH = 3
const PLACE = 'podium.reloaded'
const RELOAD_PAUSE_MS = 60_000

export async function loadChunk<T>(load: () => Promise<T>): Promise<T> {
  let failures = 0
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await load()
    } catch {
      failures = live.state === 'live' ? failures + 1 : 0
      if (failures >= ENOUGH) reload()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Not again and again, should the part be missing from the new version as well. */
function reload(): void {
  try {
    if (Date.now() - Number(sessionStorage.getItem(PLACE) ?? 0) < RELOAD_PAUSE_MS) return
    sessionStorage.setItem(PLACE, String(Date.now()))
  } catch {
    // Without a place to remember it in, reloading might never end.
    return
  }
  window.location.reload()
}
