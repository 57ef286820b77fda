/** Anything by buckets of time: stacked bars or lines, with gaps, zeros and the unfinished bucket told apart. */

import type { Activity } from '../api/types'
import { t } from '../i18n'
import { compact, count } from '../logic/format'
import { sumKnown } from '../logic/narrow'
import { OTHERS, type ChartSeries } from '../logic/series'
import type { FilterName, Shape } from '../logic/link'
import { base, bucketNames, bucketTitle, categoryAxis, tooltip, valueAxis } from './axes'
import { tip, type ChartContent, type TipLine } from './content'
import { colourOf, decalOf, mix, SYMBOLS, type Paint } from './paint'

export interface OverTime {
  activity: Activity
  series: ChartSeries[]
  shape: Shape
  what: string
  /** What has not begun by now is neither a gap nor a zero: it is not drawn, and not in the table. */
  now: number
  filter?: FilterName | undefined
  /** The period before, bucket by bucket. */
  previous?: (number | null)[] | null
}

export function overTime(from: OverTime, paint: Paint): ChartContent {
  const { activity, series } = from
  const { grain, tz: zone } = activity
  const names = bucketNames(activity.buckets, grain, zone)
  const titles = activity.buckets.map((bucket) => bucketTitle(bucket, grain, zone))
  const begun = activity.buckets.filter((bucket) => Date.parse(bucket.start) <= from.now)
  const drawn = from.shape === 'stacked' ? series.map((one) => bars(one, from, paint)) : series.flatMap((one) => lines(one, from, paint))
  return {
    option: {
      ...base(paint),
      // The second pair carries the hatching of what is not known, over the full width of a bucket.
      xAxis: [categoryAxis(paint, names), { ...categoryAxis(paint, names), show: false }],
      yAxis: [{ ...valueAxis(paint), minInterval: 1 }, { type: 'value', show: false, min: 0, max: 1 }],
      tooltip: tooltip(paint, 'axis', (params: { dataIndex: number }[]) => tipAt(from, titles, params[0]?.dataIndex ?? 0, paint)),
      series: [...drawn, ...unknown(from, paint), ...before(from, paint)],
    },
    table: {
      keys: begun.map((bucket) => bucket.start),
      columns: [t('col.time'), ...series.map((one) => one.name), ...(from.previous ? [t('chart.previous')] : []), t('col.state')],
      rows: begun.map((bucket, index) => [
        titles[index] ?? bucket.start,
        ...series.map((one) => one.values[index] ?? null),
        ...(from.previous ? [from.previous[index] ?? null] : []),
        t(`state.${bucket.state}`),
      ]),
    },
    legend: series.map(({ id, name, slot }) => ({ id, name, slot })),
    summary: t('chart.summaryTime', { what: from.what, n: count(series.reduce((sum, one) => sum + (sumKnown(one.values) ?? 0), 0)), series: series.length }),
    ...(from.filter ? { legendFilter: from.filter } : {}),
    pick: (index) => {
      const id = String(drawn[index]?.id ?? '').split(' ')[0]
      const picked = series.find((one) => one.id === id && one.slot !== OTHERS)
      return from.filter && picked ? { name: from.filter, value: picked.id } : null
    },
  }
}

type Drawn = Record<string, unknown>

function bars(one: ChartSeries, { activity }: OverTime, paint: Paint): Drawn {
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
      activity.buckets[index]?.state === 'unfinished' && value !== null
        ? { value, itemStyle: { color: mix(colour, 0.45), borderColor: colour, borderType: 'dotted', borderWidth: 1.5 } }
        : value,
    ),
  }
}

/** A line to the last finished bucket, and a dotted one from there. */
function lines(one: ChartSeries, { activity }: OverTime, paint: Paint): Drawn[] {
  const colour = colourOf(one.slot, paint)
  const open = activity.buckets.findIndex((bucket) => bucket.state === 'unfinished')
  const common = {
    type: 'line',
    symbol: SYMBOLS[one.slot] ?? 'circle',
    showSymbol: activity.buckets.length <= 62,
    showAllSymbol: activity.buckets.length <= 62,
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

/** Hatched where nothing is known, so that a gap is not taken for a zero. */
function unknown({ activity, now }: OverTime, paint: Paint): Drawn[] {
  const data = activity.buckets.map((bucket) => (bucket.state === 'unknown' && Date.parse(bucket.start) <= now ? 1 : null))
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
        color: mix(paint.others, 0.12),
        decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 6], rotation: -Math.PI / 4, color: mix(paint.others, 0.55) },
      },
      data,
    },
  ]
}

function before({ previous }: OverTime, paint: Paint): Drawn[] {
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

function tipAt(from: OverTime, titles: string[], index: number, paint: Paint): HTMLElement {
  const bucket = from.activity.buckets[index]
  const total = sumKnown(from.series.map((one) => one.values[index] ?? null))
  const shown = from.series.flatMap((one): TipLine[] => {
    const value = one.values[index] ?? null
    return value === null || value === 0 ? [] : [{ colour: colourOf(one.slot, paint), name: one.name, value: compact(value) }]
  })
  const lines = shown.length > 1 || total === 0 ? [...shown, { name: t('chart.total'), value: count(total ?? 0) }] : shown
  const past = from.previous?.[index] ?? null
  if (past !== null) lines.push({ name: t('chart.previous'), value: compact(past) })
  const begun = bucket !== undefined && Date.parse(bucket.start) <= from.now
  const note = bucket && !begun ? t('state.future') : bucket && bucket.state !== 'complete' ? t(`state.${bucket.state}`) : ''
  return tip(titles[index] ?? '', lines, note)
}
