/**
 * Headlines one after the other: each for a while, then quiet, and never more waiting than can be
 * told while they are still true. What was told is not told again.
 */

import { firstTold, type Moment } from './moments'

export const SHOWN_MS = 9_000
/** After a headline; news that only just happened waits less than what is true all day. */
export const QUIET_MS = 12_000
const LONG_QUIET_MS = 75_000
/** "Just now" is not true for longer. */
const NEWS_LASTS_MS = 40_000
/** Two teams that pass each other again and again are told of as often. */
const AGAIN_MS = 600_000
const MOST_WAITING = 12
const MOST_TOLD = 2_000

export interface Pace {
  waiting: readonly { moment: Moment; at: number }[]
  shown: { moment: Moment; at: number } | null
  /** When the last one went away. */
  quietSince: number
  /** When each was told, by id. */
  told: ReadonlyMap<string, number>
}

export const STILL: Pace = { waiting: [], shown: null, quietSince: -Infinity, told: new Map() }

/** Puts moments among those that wait; known ones keep their place and their age. */
export function offered(pace: Pace, moments: readonly Moment[], now: number): Pace {
  const known = new Set([...pace.waiting.map((one) => one.moment.id), pace.shown?.moment.id])
  const fresh = moments.filter((moment) => !known.has(moment.id) && !wasTold(pace, moment, now))
  if (fresh.length === 0) return pace
  const ages = new Map(
    [...pace.waiting, ...fresh.map((moment) => ({ moment, at: now }))].map((one) => [one.moment, one.at]),
  )
  const waiting = firstTold([...ages.keys()]).slice(0, MOST_WAITING)
  return { ...pace, waiting: waiting.map((moment) => ({ moment, at: ages.get(moment) ?? now })) }
}

/** What is shown at `now`. */
export function ticked(pace: Pace, now: number): Pace {
  if (pace.shown) {
    return now - pace.shown.at < SHOWN_MS ? pace : { ...pace, shown: null, quietSince: now }
  }
  const waiting = pace.waiting.filter(({ moment, at }) => moment.kind !== 'passed' || now - at < NEWS_LASTS_MS)
  const next = waiting.find(({ moment }) => now - pace.quietSince >= quietBefore(moment))
  if (!next) return waiting.length === pace.waiting.length ? pace : { ...pace, waiting }
  return {
    ...pace,
    waiting: waiting.filter((one) => one !== next),
    shown: { moment: next.moment, at: now },
    told: new Map([...pace.told, [next.moment.id, now] as const].slice(-MOST_TOLD)),
  }
}

/** The one that is shown goes away at once. */
export function dismissed(pace: Pace, now: number): Pace {
  return pace.shown ? { ...pace, shown: null, quietSince: now } : pace
}

function quietBefore(moment: Moment): number {
  return moment.kind === 'passed' ? QUIET_MS : LONG_QUIET_MS
}

function wasTold(pace: Pace, moment: Moment, now: number): boolean {
  const at = pace.told.get(moment.id)
  return at !== undefined && (moment.kind !== 'passed' || now - at < AGAIN_MS)
}
