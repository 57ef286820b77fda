/** The end of an event, as it may be written into a link, and the time that is left. */

import { dayIn, instantIn } from './days'

/**
 * `17:30` is today in the viewer's zone, `2026-11-24T17:30` a wall clock there, and with an offset
 * or `Z` an instant. `null` for anything else.
 */
export function endOf(text: string, now: number, zone: string): number | null {
  const clock = /^(?:(\d{4}-\d{2}-\d{2})T)?(\d{1,2}):(\d{2})$/.exec(text)
  if (clock) {
    const [, day = dayIn(now, zone), hour, minute] = clock
    if (Number(hour) > 23 || Number(minute) > 59) return null
    const at = instantIn(day, Number(hour), Number(minute), zone)
    return Number.isFinite(at) ? at : null
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null
  const at = Date.parse(text)
  return Number.isFinite(at) ? at : null
}

/** How long before the end one stops telling who leads, where that is wanted. */
const LAST_MS = 600_000

export function isLastMinutes(end: number | null, now: number): boolean {
  return end !== null && now >= end - LAST_MS
}

export function clockText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}
