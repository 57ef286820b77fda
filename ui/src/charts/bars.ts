/** Named values as horizontal bars, longest first. */

import type { FilterName } from '../logic/link'
import type { Table } from '../logic/csv'
import { base, categoryAxis, cut, tooltip, valueAxis } from './axes'
import { tip, type ChartContent, type TipLine } from './content'
import { colourOf, decalOf, mix, type Paint } from './paint'

export interface Bar {
  id: string
  name: string
  value: number
  slot: number
  /** Further lines of the tooltip. */
  more: TipLine[]
}

/** Room for ten bars and one of the rest: the same for few, so that nothing moves when they come. */
export const BARS_HEIGHT = 400

export interface Bars {
  bars: Bar[]
  table: Table
  summary: string
  what: string
  format: (value: number) => string
  /** For the axis, where that is not plain numbers. */
  tick?: (value: number) => string
  /** The axis' end where it is not the longest bar. */
  most?: number
  filter: FilterName
  chosen: readonly string[]
  /** Whether clicks mean nothing. */
  still?: boolean
}

export function horizontalBars(from: Bars, paint: Paint): ChartContent {
  const { bars, format } = from
  // Category axes count from below.
  const drawn = bars.toReversed()
  return {
    option: {
      ...base(paint),
      // Room for the figure at the end of the longest bar.
      grid: { left: 8, right: 52, top: 8, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: { ...valueAxis(paint, from.tick), ...(from.most === undefined ? {} : { max: from.most }) },
      yAxis: categoryAxis(
        paint,
        drawn.map((bar) => cut(bar.name)),
      ),
      tooltip: tooltip(paint, 'item', (params: { dataIndex: number }) => {
        const bar = drawn[params.dataIndex]
        return bar ? tip(bar.name, [{ name: from.what, value: format(bar.value) }, ...bar.more]) : tip('', [])
      }),
      series: [
        {
          id: 'bars',
          type: 'bar',
          barMaxWidth: 26,
          label: {
            show: true,
            position: 'right',
            color: paint.ink,
            formatter: (params: { value: number }) => format(params.value),
          },
          data: drawn.map((bar) => ({ value: bar.value, itemStyle: styleOf(bar, from.chosen, paint) })),
        },
      ],
    },
    table: from.table,
    legend: [],
    summary: from.summary,
    height: BARS_HEIGHT,
    pick: (_, index) => {
      const bar = drawn[index]
      return bar && bar.id !== '' && !from.still ? { name: from.filter, value: bar.id } : null
    },
  }
}

function styleOf(bar: Bar, chosen: readonly string[], paint: Paint): object {
  const colour = colourOf(bar.slot, paint)
  const faded = chosen.length > 0 && !chosen.includes(bar.id)
  return { color: faded ? mix(colour, 0.35) : colour, borderRadius: [0, 6, 6, 0], decal: decalOf(bar.slot, paint) }
}
