/** The picture of whatever was asked: bars, colours, or series over time, whichever shows it. */

import { presentMs } from '../api/serverClock'
import type { Sheet } from '../api/types'
import { t, tn } from '../i18n'
import type { Table } from '../logic/csv'
import { addsUp, cellsOf, FILTER_OF, groupName, merged, shortened, type Cell, type Exploration } from '../logic/explore'
import { hourText, weekday } from '../logic/format'
import { chartSeries, OTHERS, SLOTS, slotsFor } from '../logic/series'
import { timelineOf, type Timeline } from '../logic/timeline'
import { bucketTitle } from './axes'
import { horizontalBars } from './bars'
import type { ChartContent } from './content'
import { heat } from './heat'
import { overTime } from './overTime'
import type { Paint } from './paint'

const MOST_BARS = 10
const MOST_ROWS = 16
const MOST_COLUMNS = 12

export interface Explored {
  sheet: Sheet
  exploration: Exploration
  title: string
  format: (value: number) => string
  /** For axes, whose values are round. */
  tick: (value: number) => string
  chosen: readonly string[]
}

export function explorePicture(from: Explored, paint: Paint): ChartContent {
  const { sheet, exploration } = from
  const table = tableOf(from)
  if (exploration.each === 'total') {
    return exploration.split.length === 2 ? crossed(from, table, paint) : bars(from, table, paint)
  }
  if (exploration.each === 'weekday_hour') return week(from, table, paint)
  const answer = merged(sheet, exploration)
  const clock = exploration.each === 'hour_of_day'
  const timeline = timelineOf(clock ? dated(answer) : answer)
  const series = chartSeries(
    timeline,
    exploration.what,
    () => -1,
    ({ name }) => (exploration.split.length === 0 ? from.title : name),
    (n) => tn('chart.others', n),
  )
  const filter = exploration.split.length === 1 ? FILTER_OF[exploration.split[0] ?? 'team'] : undefined
  const shown: Timeline = series.length === 0 ? { ...timeline, buckets: [] } : timeline
  const content = overTime(
    {
      timeline: shown,
      series: addsUp(exploration.what) ? series : series.filter((one) => one.slot !== OTHERS),
      shape: addsUp(exploration.what) ? 'stacked' : 'lines',
      what: from.title,
      now: presentMs(),
      format: from.format,
      tick: from.tick,
      addsUp: addsUp(exploration.what),
      ...(filter ? { filter } : {}),
      ...(clock ? { names: shown.buckets.map(({ name }) => hourText(Number(name.slice(0, 2)))) } : {}),
    },
    paint,
  )
  return { ...content, table }
}

/** Hours of the clock as those of one day, which pictures over time can draw. */
function dated(sheet: Sheet): Sheet {
  const buckets = sheet.buckets.filter((bucket) => bucket.state !== 'unknown_hour')
  const at = (hour: number): string => new Date(Date.UTC(2024, 0, 1, hour)).toISOString()
  return { ...sheet, buckets: buckets.map((one, hour) => ({ ...one, start: at(hour), end: at(hour + 1) })) }
}

function bars(from: Explored, table: Table, paint: Paint): ChartContent {
  const { exploration } = from
  const all = shortened(cellsOf(from.sheet, exploration), exploration.split)
  const cells = all.filter((cell) => cell.amount !== null && cell.amount !== 0)
  const own = cells.filter((cell) => !cell.isRest)
  const told = own.slice(0, own.length > MOST_BARS + 1 ? MOST_BARS : own.length)
  const slots = slotsFor(
    told.slice(0, SLOTS).map((cell) => cell.values[0]?.id ?? ''),
    () => -1,
  )
  const rest = restOf(from, own.slice(told.length), cells)
  return horizontalBars(
    {
      bars: [...told, ...rest].map((cell) => ({
        id: cell.isRest ? '' : (cell.values[0]?.id ?? ''),
        name: exploration.split.length === 0 ? from.title : groupName(cell.values),
        value: cell.amount ?? 0,
        slot: cell.isRest ? OTHERS : (slots.get(cell.values[0]?.id ?? '') ?? OTHERS),
        more: [],
      })),
      table,
      summary: t('explore.summary', { what: from.title, n: cells.length }),
      what: from.title,
      format: from.format,
      tick: from.tick,
      filter: FILTER_OF[exploration.split[0] ?? 'team'] ?? 'team_id',
      chosen: from.chosen,
      still: exploration.split[0] === undefined || FILTER_OF[exploration.split[0]] === undefined,
    },
    paint,
  )
}

/** What has no bar as one, where that is a sum of something. */
function restOf({ sheet, exploration }: Explored, others: readonly Cell[], all: readonly Cell[]): Cell[] {
  const given = all.find((cell) => cell.isRest)
  const n = others.length + (sheet.others ?? 0)
  if (n === 0 || !addsUp(exploration.what)) return []
  const amount = others.reduce((sum, cell) => sum + (cell.amount ?? 0), given?.amount ?? 0)
  return [{ bucket: null, values: [{ id: '', name: tn('chart.others', n) }], isRest: true, amount }]
}

/** Two dimensions: colours where they cross, most used first. */
function crossed(from: Explored, table: Table, paint: Paint): ChartContent {
  const all = shortened(cellsOf(from.sheet, from.exploration), from.exploration.split)
  const cells = all.filter((cell) => !cell.isRest)
  const most = (place: 0 | 1, many: number): { id: string; name: string }[] => {
    const sums = new Map<string, { id: string; name: string; sum: number }>()
    for (const cell of cells) {
      const value = cell.values[place]
      if (!value) continue
      const known = sums.get(value.id) ?? { ...value, sum: 0 }
      known.sum += cell.amount ?? 0
      sums.set(value.id, known)
    }
    return [...sums.values()].sort((a, b) => b.sum - a.sum).slice(0, many)
  }
  const [rows, columns] = [most(0, MOST_ROWS), most(1, MOST_COLUMNS)]
  const amounts = new Map(cells.map((cell) => [cell.values.map(({ id }) => id).join('\n'), cell.amount]))
  return heat(
    {
      rows: rows.map(({ name }) => name),
      columns: columns.map(({ name }) => name),
      values: rows.map((row) => columns.map((column) => amounts.get(`${row.id}\n${column.id}`) ?? null)),
      what: from.title,
      format: from.format,
      labels: columns.length <= 8,
      table,
      summary: t('explore.summary', { what: from.title, n: cells.length }),
    },
    paint,
  )
}

function week(from: Explored, table: Table, paint: Paint): ChartContent {
  const amounts = new Map(
    cellsOf(from.sheet, { ...from.exploration, split: [] }).map((cell) => [cell.bucket, cell.amount]),
  )
  const names = from.sheet.buckets.filter(({ state }) => state !== 'unknown_hour').map(({ name }) => name)
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  return heat(
    {
      rows: [1, 2, 3, 4, 5, 6, 7].map((day) => weekday(day)),
      columns: hours.map(hourText),
      values: [0, 1, 2, 3, 4, 5, 6].map((day) =>
        hours.map((hour) => amounts.get(names[day * 24 + hour] ?? '') ?? null),
      ),
      what: from.title,
      format: from.format,
      table,
      summary: t('explore.summary', { what: from.title, n: names.length }),
    },
    paint,
  )
}

/** Every row of the answer, written for people; the files have it for programs. */
function tableOf({ sheet, exploration, title }: Explored): Table {
  const split = exploration.each === 'weekday_hour' ? [] : exploration.split
  const cells = cellsOf(sheet, { what: exploration.what, split })
  const times = new Map(
    sheet.buckets.map((bucket) => [bucket.name, timeText(bucket, sheet.grain, sheet.meta.tz)] as const),
  )
  const isOverTime = exploration.each !== 'total'
  return {
    columns: [...(isOverTime ? [t('col.time')] : []), ...split.map((one) => t(`split.${one}`)), title],
    rows: cells.map((cell) => [
      ...(isOverTime ? [times.get(cell.bucket ?? '') ?? cell.bucket] : []),
      ...cell.values.map(({ name }) => (cell.isRest ? tn('chart.others', sheet.others ?? 0) : name)),
      cell.amount,
    ]),
  }
}

function timeText(bucket: Sheet['buckets'][number], grain: string, zone: string): string {
  if (bucket.state === 'unknown_hour') return t('state.unknown_hour')
  const { name, start, end, state } = bucket
  return typeof start === 'string' && typeof end === 'string'
    ? bucketTitle({ name, start, end, state }, grain, zone)
    : name
}
