/** The series of a chart over time: bars, lines, what is not known, and the period before. */

import type { FilterName, Shape } from '../logic/link'
import type { ChartSeries } from '../logic/series'
import type { Timeline } from '../logic/timeline'
import { colourOf, decalOf, mix, SYMBOLS, type Paint } from './paint'

export interface OverTime {
  timeline: Timeline
  series: ChartSeries[]
  shape: Shape
  what: string
  /** What has not begun by now is neither a gap nor a zero: it is not drawn, and not in the table. */
  now: number
  filter?: FilterName | undefined
  /** How values are written, where they are no plain counts. */
  format?: (value: number) => string
  /** The same for the axis. */
  tick?: (value: number) => string
  /** Whether the series add up to something. */
  addsUp?: boolean
  /** The buckets' names, where they are no moments. */
  names?: string[]
  /** The period before, bucket by bucket. */
  previous?: (number | null)[] | null
}

/** A series as ECharts takes it. */
export type Drawn = Record<string, unknown>

export function bars(one: ChartSeries, { timeline }: OverTime, paint: Paint): Drawn {
  const colour = colourOf(one.slot, paint)
  return {
    id: one.id,
    name: one.name,
    type: 'bar',
    stack: 'all',
    barMaxWidth: 56,
    barCategoryGap: '18%',
    itemStyle: { color: colour, decal: decalOf(one.slot, paint) },
    emphasis: { focus: 'series' },
    data: one.values.map((value, index) =>
      timeline.buckets[index]?.state === 'unfinished' && value !== null
        ? {
            value,
            itemStyle: { color: mix(colour, 0.45), borderColor: colour, borderType: 'dotted', borderWidth: 1.5 },
          }
        : value,
    ),
  }
}

/** A line to the last finished bucket, and a dotted one from there. */
export function lines(one: ChartSeries, { timeline }: OverTime, paint: Paint): Drawn[] {
  const colour = colourOf(one.slot, paint)
  const open = timeline.buckets.findIndex((bucket) => bucket.state === 'unfinished')
  const common = {
    type: 'line',
    symbol: SYMBOLS[one.slot] ?? 'circle',
    showSymbol: timeline.buckets.length <= 62,
    showAllSymbol: timeline.buckets.length <= 62,
    symbolSize: 7,
    connectNulls: false,
    itemStyle: { color: colour },
    emphasis: { focus: 'series' },
  }
  const solid = {
    ...common,
    id: one.id,
    name: one.name,
    lineStyle: { color: colour, width: 2.5 },
    data: one.values.map((value, index) => (open >= 0 && index >= open ? null : lonely(one.values, index, value))),
  }
  if (open < 0) return [solid]
  const dotted = {
    ...common,
    id: `${one.id} open`,
    name: one.name,
    lineStyle: { color: colour, width: 2.5, type: 'dotted' },
    data: one.values.map((value, index) => (index >= open - 1 ? value : null)),
  }
  return [solid, dotted]
}

/** A value between two gaps has no line: it gets a symbol, however many buckets there are. */
function lonely(values: readonly (number | null)[], index: number, value: number | null): unknown {
  const alone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
  return alone && value !== null ? { value, symbolSize: 7 } : value
}

/** Grey, and hatched where patterns are wanted, where nothing is known, so that a gap is not taken for a zero. */
export function unknown({ timeline, now }: OverTime, paint: Paint): Drawn[] {
  const data = timeline.buckets.map((bucket) =>
    bucket.state === 'unknown' && Date.parse(bucket.start) <= now ? 1 : null,
  )
  if (!data.includes(1)) return []
  return [
    {
      id: 'unknown',
      type: 'bar',
      xAxisIndex: 1,
      yAxisIndex: 1,
      silent: true,
      barCategoryGap: 0,
      itemStyle: {
        color: mix(paint.others, 0.22),
        decal: paint.patterns
          ? {
              symbol: 'rect',
              dashArrayX: [1, 0],
              dashArrayY: [1.5, 6],
              rotation: -Math.PI / 4,
              color: mix(paint.others, 0.55),
            }
          : { symbol: 'none' },
      },
      data,
    },
  ]
}

export function before({ previous }: OverTime, paint: Paint): Drawn[] {
  if (!previous) return []
  return [
    {
      id: 'previous',
      type: 'line',
      symbol: 'none',
      silent: true,
      z: 5,
      lineStyle: { color: paint.ink, width: 1.5, type: 'dashed', opacity: 0.7 },
      data: previous,
    },
  ]
}
