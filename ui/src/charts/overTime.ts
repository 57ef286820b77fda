/** Anything by buckets of time: stacked bars or lines, with gaps, zeros and the unfinished bucket told apart. */

import { t } from '../i18n'
import { compact, count } from '../logic/format'
import { sumKnown } from '../logic/sheet'
import { OTHERS } from '../logic/series'
import { base, bucketNames, bucketTitle, categoryAxis, tooltip, valueAxis } from './axes'
import { tip, type ChartContent, type TipLine } from './content'
import { colourOf, type Paint } from './paint'
import { bars, before, lines, unknown, type OverTime } from './timeSeries'

export function overTime(from: OverTime, paint: Paint): ChartContent {
  const { timeline, series } = from
  const { grain, zone } = timeline
  const names = from.names ?? bucketNames(timeline.buckets, grain, zone)
  const titles = from.names ?? timeline.buckets.map((bucket) => bucketTitle(bucket, grain, zone))
  const begun = timeline.buckets.filter((bucket) => Date.parse(bucket.start) <= from.now)
  const drawn =
    from.shape === 'stacked'
      ? series.map((one) => bars(one, from, paint))
      : series.flatMap((one) => lines(one, from, paint))
  return {
    option: {
      ...base(paint),
      // The second pair carries the grey of what is not known, over the full width of a bucket.
      xAxis: [categoryAxis(paint, names), { ...categoryAxis(paint, names), show: false }],
      yAxis: [
        from.tick ? valueAxis(paint, from.tick) : { ...valueAxis(paint), minInterval: 1 },
        { type: 'value', show: false, min: 0, max: 1 },
      ],
      tooltip: tooltip(paint, 'axis', (params: { dataIndex: number }[]) =>
        tipAt(from, titles, params[0]?.dataIndex ?? 0, paint),
      ),
      series: [...drawn, ...unknown(from, paint), ...before(from, paint)],
    },
    table: {
      keys: begun.map((bucket) => bucket.start),
      columns: [
        t('col.time'),
        ...series.map((one) => one.name),
        ...(from.previous ? [t('chart.previous')] : []),
        t('col.state'),
      ],
      rows: begun.map((bucket, index) => [
        titles[index] ?? bucket.start,
        ...series.map((one) => one.values[index] ?? null),
        ...(from.previous ? [from.previous[index] ?? null] : []),
        t(`state.${bucket.state}`),
      ]),
    },
    legend: series.map(({ id, name, slot }) => ({ id, name, slot })),
    summary: t('chart.summaryTime', {
      what: from.what,
      n: count(series.reduce((sum, one) => sum + (sumKnown(one.values) ?? 0), 0)),
      series: series.length,
    }),
    ...(from.filter ? { legendFilter: from.filter } : {}),
    pick: (index) => {
      const id = String(drawn[index]?.id ?? '').split(' ')[0]
      const picked = series.find((one) => one.id === id && one.slot !== OTHERS)
      return from.filter && picked ? { name: from.filter, value: picked.id } : null
    },
  }
}

function tipAt(from: OverTime, titles: string[], index: number, paint: Paint): HTMLElement {
  const bucket = from.timeline.buckets[index]
  const write = from.format ?? compact
  const total = from.addsUp === false ? null : sumKnown(from.series.map((one) => one.values[index] ?? null))
  const shown = from.series.flatMap((one): TipLine[] => {
    const value = one.values[index] ?? null
    return value === null || value === 0
      ? []
      : [{ colour: colourOf(one.slot, paint), name: one.name, value: write(value) }]
  })
  const lines =
    total !== null && (shown.length > 1 || total === 0)
      ? [...shown, { name: t('chart.total'), value: (from.format ?? count)(total) }]
      : shown
  const past = from.previous?.[index] ?? null
  if (past !== null) lines.push({ name: t('chart.previous'), value: compact(past) })
  const begun = bucket !== undefined && Date.parse(bucket.start) <= from.now
  const note =
    bucket && !begun ? t('state.future') : bucket && bucket.state !== 'complete' ? t(`state.${bucket.state}`) : ''
  return tip(titles[index] ?? '', lines, note)
}
