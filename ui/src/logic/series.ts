/** The few series a chart can show apart, and one for all the rest. */

import type { Activity, ActivitySeries } from '../api/types'
import { sumKnown } from './narrow'

export const SLOTS = 8
/** The slot of "others": a colour that means no one in particular. */
export const OTHERS = -1

export interface ChartSeries {
  id: string
  name: string
  /** Which of the colours and patterns, or `OTHERS`. */
  slot: number
  values: (number | null)[]
}

type Named = (series: ActivitySeries) => string

/**
 * The first `SLOTS` series by the order of the answer (most first) and the rest as one.
 * `placeOf` gives each id its place in a list that does not change with ranks.
 */
export function topSeries(
  activity: Activity,
  measure: string,
  placeOf: (id: string) => number,
  nameOf: Named,
  othersName: (n: number) => string,
): ChartSeries[] {
  const shown = activity.series.slice(0, SLOTS)
  const rest = activity.series.slice(SLOTS)
  const slots = slotsFor(
    shown.map((series) => series.id),
    placeOf,
  )
  const result = shown.map((series): ChartSeries => ({
    id: series.id,
    name: nameOf(series),
    slot: slots.get(series.id) ?? OTHERS,
    values: series.values[measure] ?? activity.buckets.map(() => null),
  }))
  if (rest.length > 0) {
    const values = activity.buckets.map((_, index) =>
      sumKnown(rest.map((series) => series.values[measure]?.[index] ?? null)),
    )
    result.push({ id: '', name: othersName(rest.length), slot: OTHERS, values })
  }
  return result
}

/** Everyone keeps a colour while ranks change: the slot of one's place, or the next free one. */
export function slotsFor(ids: readonly string[], placeOf: (id: string) => number): Map<string, number> {
  const placed = ids.map((id) => ({ id, place: placeOf(id) }))
  placed.sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))
  const free = new Set(Array.from({ length: SLOTS }, (_, slot) => slot))
  const slots = new Map<string, number>()
  for (const { id, place } of placed) {
    const wanted = place >= 0 ? place % SLOTS : hash(id) % SLOTS
    const slot = free.has(wanted) ? wanted : [...free][0]
    if (slot === undefined) break
    free.delete(slot)
    slots.set(id, slot)
  }
  return slots
}

function hash(text: string): number {
  let value = 7
  for (const char of text) value = (value * 31 + (char.codePointAt(0) ?? 0)) % 65_521
  return value
}
