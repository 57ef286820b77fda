/** A sheet over time as series: a value for each bucket, and gaps where nothing is known. */

import type { Bucket, Sheet } from '../api/types'
import { dimensionOf, rowsOf, sumKnown } from './sheet'

export interface Series {
  id: string
  name: string
  /** By measure, a value for each bucket; `null` where it is not known. */
  values: Record<string, (number | null)[]>
}

export interface Timeline {
  grain: string
  /** The dimension of the series; `null` for everything together. */
  by: string | null
  zone: string
  buckets: Bucket[]
  /** Those with usage, most of the first measure first. */
  series: Series[]
  /** All others together, and how many they are. */
  others: { count: number; series: Series } | null
}

/** Of usage whose hour is not known there is no bucket in time. */
export function timelineOf(sheet: Sheet): Timeline {
  const dimension = dimensionOf(sheet)
  const buckets = sheet.buckets.flatMap(({ name, start, end, state }): Bucket[] =>
    typeof start === 'string' && typeof end === 'string' ? [{ name, start, end, state }] : [],
  )
  const places = new Map(buckets.map((bucket, place) => [bucket.name, place]))
  const measures = sheet.columns.filter((column) => column.kind === 'measure').map((column) => column.name)
  const nothing = (): (number | null)[] => buckets.map((bucket) => (bucket.state === 'unknown' ? null : 0))
  const empty = (id: string, name: string): Series => ({
    id,
    name,
    values: Object.fromEntries(measures.map((measure) => [measure, nothing()])),
  })
  const known = new Map<string, Series>()
  const others = empty('', '')
  for (const row of rowsOf(sheet)) {
    const name = dimension ? (row.text(dimension.name) ?? '') : ''
    const id = dimension ? row.text(dimension.id) : ''
    const isOthers = sheet.others != null && name === 'Others' && (id === null || id === name)
    const series = isOthers ? others : (known.get(id ?? '') ?? empty(id ?? '', name))
    if (!isOthers) known.set(series.id, series)
    const place = places.get(row.text('bucket') ?? '')
    if (place === undefined || buckets[place]?.state === 'unknown') continue
    for (const measure of measures) {
      const values = series.values[measure]
      if (values) values[place] = row.number(measure)
    }
  }
  const sumOf = (series: Series): number => sumKnown(series.values[measures[0] ?? '']) ?? 0
  return {
    grain: sheet.grain,
    by: dimension?.name ?? null,
    zone: sheet.meta.tz,
    buckets,
    series: [...known.values()].sort((a, b) => sumOf(b) - sumOf(a) || (a.id < b.id ? -1 : 1)),
    others: sheet.others == null ? null : { count: sheet.others, series: others },
  }
}
