/** Spend of a month as it adds up, and where it is expected to end. */

import { t } from '../i18n'
import { date, tickOf, usd } from '../logic/format'
import type { DaySpend, Forecast } from '../logic/forecast'
import { base, categoryAxis, tooltip, valueAxis } from './axes'
import { tip, type ChartContent, type TipLine } from './content'
import { colourOf, mix, type Paint } from './paint'

interface Point {
  day: string
  spent: number | null
  expected: number | null
  low: number | null
  high: number | null
}

export function forecastPicture(month: readonly DaySpend[], made: Forecast, paint: Paint): ChartContent {
  let sum = 0
  const past = month.map(({ day, usd: of }): Point => {
    sum += of
    return { day, spent: sum, expected: null, low: null, high: null }
  })
  const last = past.at(-1)
  // Both lines meet where the one ends.
  if (last) Object.assign(last, { expected: last.spent, low: last.spent, high: last.spent })
  const points = [...past, ...made.days.map((one): Point => ({ ...one, spent: null }))]
  const of = (value: keyof Omit<Point, 'day'>): (number | null)[] => points.map((point) => point[value])
  const line = { type: 'line', symbol: 'none', silent: true }
  const colour = colourOf(0, paint)
  return {
    option: {
      ...base(paint),
      xAxis: categoryAxis(
        paint,
        points.map(({ day }) => date(day, { day: 'numeric', month: 'short' })),
      ),
      yAxis: valueAxis(paint, tickOf('usd')),
      tooltip: tooltip(paint, 'axis', (params: { dataIndex: number }[]) => tipOf(points[params[0]?.dataIndex ?? 0])),
      series: [
        { ...line, id: 'low', stack: 'range', lineStyle: { opacity: 0 }, data: of('low') },
        {
          ...line,
          id: 'range',
          stack: 'range',
          lineStyle: { opacity: 0 },
          areaStyle: { color: mix(colour, 0.18) },
          data: points.map(({ low, high }) => (low === null || high === null ? null : high - low)),
        },
        {
          ...line,
          id: 'spent',
          lineStyle: { color: colour, width: 3 },
          areaStyle: { color: mix(colour, 0.08) },
          data: of('spent'),
        },
        { ...line, id: 'expected', lineStyle: { color: colour, width: 2.5, type: 'dashed' }, data: of('expected') },
      ],
    },
    table: {
      columns: [t('col.time'), t('forecast.spent'), t('forecast.expected'), t('forecast.low'), t('forecast.high')],
      rows: points.map(({ day, spent, expected, low, high }) => [date(day), spent, expected, low, high]),
      keys: points.map(({ day }) => day),
    },
    legend: [],
    summary: t('forecast.summary', { expected: usd(made.expected), low: usd(made.low), high: usd(made.high) }),
    height: 320,
  }
}

function tipOf(point: Point | undefined): HTMLElement {
  if (!point) return tip('', [])
  const lines: TipLine[] = []
  if (point.spent !== null) lines.push({ name: t('forecast.spent'), value: usd(point.spent) })
  else {
    lines.push({ name: t('forecast.expected'), value: usd(point.expected ?? 0) })
    lines.push({ name: t('forecast.range'), value: `${usd(point.low ?? 0)} – ${usd(point.high ?? 0)}` })
  }
  return tip(date(point.day), lines)
}
