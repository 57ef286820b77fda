/** The few series a chart can show apart, and one for all the rest. */

import type { Series, Timeline } from './timeline'

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

/**
 * The series of a timeline that has `SLOTS` at most, and the rest as one.
 * `placeOf` gives each id its place in a list that does not change with ranks.
 */
export function chartSeries(
  timeline: Timeline,
  measure: string,
  placeOf: (id: string) => number,
  nameOf: (series: Series) => string,
  othersName: (n: number) => string,
): ChartSeries[] {
  const slots = slotsFor(
    timeline.series.map((series) => series.id),
    placeOf,
  )
  const result = timeline.series.map(
    (series): ChartSeries => ({
      id: series.id,
      name: nameOf(series),
      slot: slots.get(series.id) ?? OTHERS,
      values: series.values[measure] ?? [],
    }),
  )
  const { others } = timeline
  if (others) {
    result.push({ id: '', name: othersName(others.count), slot: OTHERS, values: others.series.values[measure] ?? [] })
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
