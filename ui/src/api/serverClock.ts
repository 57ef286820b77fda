/**
 * How far this device's clock is from Podium's, by the `Date` of answers. Devices that are minutes
 * off exist; ages, countdowns and "today" would be off with them.
 */

import { ref } from 'vue'

/** Answers tell whole seconds and take time: less says nothing about a clock. */
const LEAST_MS = 10_000
/** More than this is worth telling somebody. */
export const WRONG_MS = 60_000

/** To be added to this device's clock; 0 where it is right. */
export const clockOffsetMs = ref(0)

/** `sentAt` and `gotAt` are this device's moments around an answer. */
export function offsetOf(date: string | null, sentAt: number, gotAt: number): number | null {
  const said = date === null ? Number.NaN : Date.parse(date)
  // The header is cut to seconds: half of one is its mean error.
  const offset = said + 500 - (sentAt + gotAt) / 2
  // What took long, or slept meanwhile, tells nothing.
  if (!Number.isFinite(offset) || gotAt < sentAt || gotAt - sentAt > LEAST_MS) return null
  return Math.abs(offset) < LEAST_MS ? 0 : Math.round(offset)
}

export function learnClock(date: string | null, sentAt: number): void {
  clockOffsetMs.value = offsetOf(date, sentAt, Date.now()) ?? clockOffsetMs.value
}

/** The present, by Podium's clock. */
export function presentMs(): number {
  return Date.now() + clockOffsetMs.value
}
