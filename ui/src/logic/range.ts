/** The periods one can look at. A preset moves with the calendar; a custom range stays. */

import { addDays, dayIn, lengthInDays, type Day } from './days'

export const PRESETS = ['today', 'yesterday', 'week', 'thirty', 'month', 'year'] as const
export type Preset = (typeof PRESETS)[number]

export interface Days {
  start: Day
  end: Day
}
export type Range = { preset: Preset } | Days

export const GRAINS = ['15m', '1h', '1d', '1w'] as const
export type Grain = (typeof GRAINS)[number]

/** More would take long to draw and say nothing that the eye could see. */
const MOST_BUCKETS = 1500

export function resolve(range: Range, now: number, zone: string): Days {
  if (!('preset' in range)) return range
  const today = dayIn(now, zone)
  switch (range.preset) {
    case 'today':
      return { start: today, end: today }
    case 'yesterday':
      return { start: addDays(today, -1), end: addDays(today, -1) }
    case 'week':
      return { start: addDays(today, -6), end: today }
    case 'thirty':
      return { start: addDays(today, -29), end: today }
    case 'month':
      return { start: `${today.slice(0, 8)}01`, end: today }
    case 'year':
      return { start: `${today.slice(0, 5)}01-01`, end: today }
  }
}

/** The period of the same length right before. */
export function before(days: Days): Days {
  const length = lengthInDays(days.start, days.end)
  return { start: addDays(days.start, -length), end: addDays(days.start, -1) }
}

/** The range moved by its own length; `null` where that would lie in the future. */
export function stepped(days: Days, direction: -1 | 1, today: Day): Range | null {
  const length = lengthInDays(days.start, days.end)
  const start = addDays(days.start, direction * length)
  if (start > today) return null
  const end = addDays(days.end, direction * length)
  const moved = { start, end: end > today ? today : end }
  return asPreset(moved, today) ?? moved
}

/** Only the two that people step through day by day: the others would jump when time goes on. */
function asPreset(days: Days, today: Day): Range | null {
  if (days.start !== days.end) return null
  if (days.start === today) return { preset: 'today' }
  return days.start === addDays(today, -1) ? { preset: 'yesterday' } : null
}

export function bucketCount(days: Days, grain: Grain): number {
  const length = lengthInDays(days.start, days.end)
  return { '15m': length * 96, '1h': length * 24, '1d': length, '1w': Math.ceil(length / 7) }[grain]
}

/** The grains that make sense for a range, finest first; never none. */
export function grainsFor(days: Days): Grain[] {
  return GRAINS.filter((grain) => bucketCount(days, grain) <= MOST_BUCKETS)
}

/** The grain one would choose by hand: some dozens of buckets. */
export function naturalGrain(days: Days): Grain {
  const length = lengthInDays(days.start, days.end)
  if (length <= 1) return '15m'
  if (length <= 4) return '1h'
  return length <= 120 ? '1d' : '1w'
}
