/** Pictures of the hours at which tokens were used. */

import { t } from '../i18n'
import { compact, count, hourText, weekday } from '../logic/format'
import type { HourCell } from '../logic/hours'
import { base, categoryAxis, tooltip, valueAxis } from './axes'
import { tip, type ChartContent } from './content'
import { heat } from './heat'
import { colourOf, type Paint } from './paint'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

export function hoursOfDay(week: readonly HourCell[], paint: Paint): ChartContent {
  const sums = HOURS.map((hour) => {
    const cells = week.filter((cell) => cell.hour === hour)
    const sum = (of: 'tokens' | 'requests'): number => cells.reduce((all, cell) => all + cell[of], 0)
    return { hour, tokens: sum('tokens'), requests: sum('requests') }
  })
  const busiest = sums.reduce((best, one) => (one.tokens > best.tokens ? one : best), {
    hour: 0,
    tokens: 0,
    requests: 0,
  })
  return {
    option: {
      ...base(paint),
      xAxis: categoryAxis(paint, HOURS.map(hourText)),
      yAxis: valueAxis(paint),
      tooltip: tooltip(paint, 'axis', (params: { dataIndex: number }[]) => {
        const at = sums[params[0]?.dataIndex ?? 0]
        return tip(at ? `${hourText(at.hour)} – ${hourText((at.hour + 1) % 24)}` : '', [
          { name: t('measure.tokens'), value: count(at?.tokens ?? 0) },
          { name: t('measure.requests'), value: count(at?.requests ?? 0) },
        ])
      }),
      series: [
        {
          id: 'hours',
          type: 'bar',
          barMaxWidth: 36,
          itemStyle: { color: colourOf(0, paint), borderRadius: [5, 5, 0, 0] },
          data: sums.map((one) => one.tokens),
        },
      ],
    },
    table: {
      columns: [t('col.hour'), t('measure.tokens'), t('measure.requests')],
      rows: busiest.tokens === 0 ? [] : sums.map((one) => [hourText(one.hour), one.tokens, one.requests]),
    },
    legend: [],
    summary: t('hours.summary', { hour: hourText(busiest.hour), tokens: compact(busiest.tokens) }),
    height: 280,
  }
}

export function weekdaysByHour(week: readonly HourCell[], paint: Paint): ChartContent {
  const days = [1, 2, 3, 4, 5, 6, 7]
  const cellAt = new Map(week.map((cell) => [cell.weekday * 24 + cell.hour, cell]))
  const used = week.some((cell) => cell.tokens > 0)
  return heat(
    {
      rows: days.map((day) => weekday(day)),
      columns: HOURS.map(hourText),
      values: days.map((day) => HOURS.map((hour) => cellAt.get(day * 24 + hour)?.tokens ?? null)),
      what: t('measure.tokens'),
      format: count,
      more: (row, column) => [
        { name: t('measure.requests'), value: count(cellAt.get((row + 1) * 24 + column)?.requests ?? 0) },
      ],
      table: {
        columns: [t('col.weekday'), t('col.hour'), t('measure.tokens'), t('measure.requests')],
        rows: used
          ? week.map((cell) => [weekday(cell.weekday, 'long'), hourText(cell.hour), cell.tokens, cell.requests])
          : [],
      },
      summary: t('weekdays.summary'),
    },
    paint,
  )
}
