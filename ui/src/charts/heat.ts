/** Two dimensions of names and a value where they cross, as colours from little to much. */

import type { Table } from '../logic/csv'
import { base, categoryAxis, cut, tooltip } from './axes'
import { tip, type ChartContent, type TipLine } from './content'
import type { Paint } from './paint'

export interface Heat {
  columns: string[]
  rows: string[]
  /** By row, then column; `null` has no cell. */
  values: (number | null)[][]
  what: string
  format: (value: number) => string
  more?: (row: number, column: number) => TipLine[]
  table: Table
  summary: string
  labels?: boolean
  pick?: ChartContent['pick']
}

export function heat(from: Heat, paint: Paint): ChartContent {
  const cells = from.values.flatMap((row, y) =>
    row.flatMap((value, x) => (value === null ? [] : [[x, y, value] as const])),
  )
  const values = cells.map((cell) => cell[2])
  return {
    option: {
      ...base(paint),
      xAxis: {
        ...categoryAxis(
          paint,
          from.columns.map((name) => cut(name, 16)),
        ),
        position: 'top',
        splitArea: { show: false },
      },
      yAxis: {
        ...categoryAxis(
          paint,
          from.rows.map((name) => cut(name)),
        ),
        inverse: true,
      },
      visualMap: {
        show: false,
        min: Math.min(0, ...values),
        max: Math.max(...values, Number.MIN_VALUE),
        inRange: { color: paint.ramp },
      },
      tooltip: tooltip(paint, 'item', (params: { dataIndex: number }) => {
        const [x, y, value] = cells[params.dataIndex] ?? [0, 0, 0]
        const title = `${from.rows[y] ?? ''} · ${from.columns[x] ?? ''}`
        return tip(title, [{ name: from.what, value: from.format(value) }, ...(from.more?.(y, x) ?? [])])
      }),
      series: [
        {
          id: 'cells',
          type: 'heatmap',
          data: cells,
          itemStyle: { borderColor: paint.surface, borderWidth: 2, borderRadius: 4 },
          label: labelOf(from, values, paint),
        },
      ],
    },
    table: from.table,
    legend: [],
    summary: from.summary,
    height: Math.max(200, from.rows.length * 36 + 48),
    ...(from.pick ? { pick: from.pick } : {}),
  }
}

/** Each label in the ink or the paper, whichever its cell lets one read. */
function labelOf(from: Heat, values: readonly number[], paint: Paint): object {
  const most = Math.max(0, ...values)
  return {
    show: from.labels === true,
    fontSize: 11,
    color: paint.ink,
    rich: { dark: { color: paint.surface, fontSize: 11 }, light: { color: paint.ink, fontSize: 11 } },
    formatter: (params: { value: [number, number, number] }) => {
      const style = most > 0 && params.value[2] / most > 0.72 ? 'dark' : 'light'
      return `{${style}|${from.format(params.value[2])}}`
    },
  }
}
