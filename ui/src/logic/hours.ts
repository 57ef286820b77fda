/** A sheet by weekday and hour as the 168 hours of the week. */

import type { Sheet } from '../api/types'
import { rowsOf } from './sheet'

export interface HourCell {
  /** 1 (Monday) to 7 (Sunday). */
  weekday: number
  hour: number
  tokens: number
  requests: number
}

export function hourCells(sheet: Sheet): HourCell[] {
  const rows = new Map(rowsOf(sheet).map((row) => [row.text('bucket'), row]))
  return sheet.buckets
    .filter((bucket) => bucket.state !== 'unknown_hour')
    .map(({ name }, place) => ({
      weekday: Math.floor(place / 24) + 1,
      hour: place % 24,
      tokens: rows.get(name)?.number('tokens') ?? 0,
      requests: rows.get(name)?.number('requests') ?? 0,
    }))
}
