/** Cost efficiency: how much a team used of a model against what a thousand tokens of it cost. */

import { t } from '../i18n'
import { compact, count, inColumn, price, tickOf, usd } from '../logic/format'
import type { Table } from '../logic/csv'
import { base, tooltip, valueAxis } from './axes'
import { tip, type ChartContent } from './content'
import { OTHERS } from '../logic/series'
import { colourOf, mix, SYMBOLS, type Paint } from './paint'

export interface CostCell {
  teamId: string
  team: string
  model: string
  modelName: string
  tokens: number
  spendUsd: number
  usdPer1k: number
  slot: number
}

export function bubbles(all: readonly CostCell[], table: Table, paint: Paint): ChartContent {
  // Those with colours of their own lie above the others.
  const cells = all.toSorted((a, b) => Number(b.slot === OTHERS) - Number(a.slot === OTHERS))
  const prices = inColumn(
    'usd_per_1k_tokens',
    cells.map((cell) => cell.usdPer1k),
  )
  const most = Math.max(...cells.map((cell) => cell.spendUsd), Number.MIN_VALUE)
  const title = { nameLocation: 'middle', nameTextStyle: { color: paint.muted, fontSize: 12 } }
  const teams = new Map(cells.map((cell) => [cell.teamId, { id: cell.teamId, name: cell.team, slot: cell.slot }]))
  const legend = [...teams.values()].sort((a, b) => Number(a.slot === OTHERS) - Number(b.slot === OTHERS))
  return {
    option: {
      ...base(paint),
      grid: { left: 44, right: 24, top: 20, bottom: 40, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: { ...valueAxis(paint), ...title, type: 'log', name: t('cost.x'), nameGap: 30, scale: true },
      yAxis: {
        ...valueAxis(paint, (value) => (value === 0 ? tickOf('usd')(0) : prices(value))),
        ...title,
        name: t('cost.y'),
        nameGap: 62,
        nameRotate: 90,
        boundaryGap: [0, '8%'],
      },
      tooltip: tooltip(paint, 'item', (params: { dataIndex: number }) => tipFor(cells[params.dataIndex])),
      series: [
        {
          id: 'cells',
          type: 'scatter',
          data: cells.map((cell) => ({
            value: [cell.tokens, cell.usdPer1k],
            symbol: SYMBOLS[cell.slot] ?? 'circle',
            // The area, not the width, is the spend.
            symbolSize: 10 + 42 * Math.sqrt(cell.spendUsd / most),
            itemStyle: {
              color: mix(colourOf(cell.slot, paint), cell.slot === OTHERS ? 0.15 : 0.62),
              borderColor: mix(colourOf(cell.slot, paint), cell.slot === OTHERS ? 0.4 : 1),
              borderWidth: 1.5,
            },
          })),
        },
      ],
    },
    table,
    legend,
    legendFilter: 'team_id',
    summary: t('cost.summary', { n: cells.length }),
    height: 420,
    pick: (_, index) => {
      const cell = cells[index]
      return cell ? { name: 'team_id', value: cell.teamId } : null
    },
  }
}

function tipFor(cell: CostCell | undefined): HTMLElement {
  if (!cell) return tip('', [])
  return tip(cell.team, [
    { name: t('filter.model'), value: cell.modelName },
    { name: t('measure.usd_per_1k_tokens'), value: price(cell.usdPer1k) },
    { name: t('measure.spend_usd'), value: usd(cell.spendUsd) },
    { name: t('measure.tokens'), value: cell.tokens < 1e6 ? count(cell.tokens) : compact(cell.tokens) },
  ])
}
