/** Axes, grids and tooltips that all charts share, and the names of buckets. */

import type { Bucket } from '../api/types'
import { isolated } from '../i18n'
import { clock, currentLocale, tick } from '../logic/format'
import type { Timeline } from '../logic/timeline'
import type { Paint } from './paint'

export function base(paint: Paint): Record<string, unknown> {
  return {
    animation: !paint.still,
    animationDuration: 500,
    animationDurationUpdate: 400,
    textStyle: { fontFamily: paint.font, color: paint.ink },
    // The axes' own labels count, so that none is cut off.
    grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  }
}

export function tooltip(paint: Paint, trigger: 'axis' | 'item', formatter: (params: never) => HTMLElement): object {
  return {
    trigger,
    confine: true,
    transitionDuration: 0,
    backgroundColor: paint.surface,
    borderColor: paint.line,
    textStyle: { color: paint.ink, fontSize: 13 },
    axisPointer: { type: trigger === 'axis' ? 'shadow' : 'none' },
    formatter,
  }
}

export function valueAxis(paint: Paint, format: (value: number) => string = tick): Record<string, unknown> {
  return {
    type: 'value',
    axisLabel: { color: paint.muted, fontSize: 12, hideOverlap: true, formatter: format },
    splitLine: { lineStyle: { color: paint.line } },
  }
}

export function categoryAxis(paint: Paint, names: readonly string[]): Record<string, unknown> {
  return {
    type: 'category',
    data: names,
    axisLabel: { color: paint.muted, fontSize: 12, hideOverlap: true },
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
  }
}

/** Long names end in dots on the axis; tooltip and table have them in full. */
export function cut(name: string, most = 22): string {
  const letters = [...name]
  return isolated(letters.length <= most ? name : `${letters.slice(0, most - 1).join('')}…`)
}

type Grain = Timeline['grain']

export function bucketNames(buckets: readonly Bucket[], grain: Grain, zone: string): string[] {
  const many = new Set(buckets.map((bucket) => bucket.start.slice(0, 10))).size > 1
  const options: Intl.DateTimeFormatOptions =
    grain === '15m' || grain === '1h'
      ? clock({ hour: 'numeric', minute: '2-digit', ...(many ? { weekday: 'short', day: 'numeric' } : {}) })
      : { day: 'numeric', month: 'short' }
  const format = new Intl.DateTimeFormat(currentLocale(), { ...options, timeZone: zone })
  return buckets.map((bucket) => format.format(Date.parse(bucket.start)))
}

/** In full, for tooltips and tables. */
export function bucketTitle(bucket: Bucket, grain: Grain, zone: string): string {
  const start = Date.parse(bucket.start)
  // The end is the first moment that no longer counts.
  const end = Date.parse(bucket.end) - 1000
  const options: Intl.DateTimeFormatOptions =
    grain === '15m' || grain === '1h'
      ? clock({ weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })
      : { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }
  const format = new Intl.DateTimeFormat(currentLocale(), { ...options, timeZone: zone })
  return grain === '1w' || grain === '1mo' ? format.formatRange(start, end) : format.format(start)
}
