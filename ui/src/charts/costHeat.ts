/** Cost efficiency as colours: a row a team, a column a model, the price where they cross. */

import { t } from '../i18n'
import { count, price, usd } from '../logic/format'
import type { Table } from '../logic/csv'
import type { CostCell } from './bubbles'
import type { ChartContent } from './content'
import { heat } from './heat'
import type { Paint } from './paint'

/** More would be too small to read; the table has them all. */
const MOST = 20

export function costHeat(cells: readonly CostCell[], table: Table, paint: Paint): ChartContent {
  const teams = mostUsed(cells, (cell) => cell.teamId)
  const models = mostUsed(cells, (cell) => cell.model)
  const byPair = new Map(cells.map((cell) => [`${cell.teamId}\n${cell.model}`, cell]))
  const at = (row: number, column: number): CostCell | undefined =>
    byPair.get(`${teams[row] ?? ''}\n${models[column] ?? ''}`)
  const nameOfTeam = new Map(cells.map((cell) => [cell.teamId, cell.team]))
  const nameOfModel = new Map(cells.map((cell) => [cell.model, cell.modelName]))
  const drawn = teams.flatMap((_, row) => models.flatMap((__, column) => at(row, column) ?? []))
  return heat(
    {
      rows: teams.map((id) => nameOfTeam.get(id) ?? id),
      columns: models.map((id) => nameOfModel.get(id) ?? id),
      values: teams.map((_, row) => models.map((__, column) => at(row, column)?.usdPer1k ?? null)),
      what: t('measure.usd_per_1k_tokens'),
      format: price,
      labels: models.length <= 10,
      more: (row, column) => {
        const cell = at(row, column)
        return cell
          ? [
              { name: t('measure.spend_usd'), value: usd(cell.spendUsd) },
              { name: t('measure.tokens'), value: count(cell.tokens) },
            ]
          : []
      },
      table,
      summary: t('cost.summary', { n: cells.length }),
      pick: (_, index) => {
        const cell = drawn[index]
        return cell ? { name: 'team_id', value: cell.teamId } : null
      },
    },
    paint,
  )
}

function mostUsed(cells: readonly CostCell[], key: (cell: CostCell) => string): string[] {
  const sums = new Map<string, number>()
  for (const cell of cells) sums.set(key(cell), (sums.get(key(cell)) ?? 0) + cell.tokens)
  return [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([id]) => id)
}
