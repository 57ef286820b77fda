/** Puts the results into words for a report: nothing here knows of HTML. */

import type { PictureLine } from '../charts/boardPicture'
import { paintNow } from '../charts/paint'
import type { Caption } from '../charts/picture'
import { language, t } from '../i18n'
import type { Measures } from '../logic/board'
import { byMeasure, count, inColumn, tick } from '../logic/format'
import { MEASURES, valueBy } from '../logic/rank'
import type { Replay } from '../logic/replay'
import { reportHtml, type Report, type ReportChart } from '../logic/report'
import { flowSvg, raceSvg } from '../logic/reportCharts'
import { SLOTS } from '../logic/series'
import { awardRules } from './awardWords'
import type { Results } from './finale'
import { rankedMeasure, view } from './view'

export function resultsReport(
  results: Results,
  caption: Caption,
  awards: readonly PictureLine[],
  replay: Replay | null,
): string {
  const paint = paintNow('light')
  const { ink, muted, line, surface, accent, gold, silver, bronze } = paint
  return reportHtml({
    language: language.value,
    direction: document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr',
    title: results.title,
    subtitle: caption.subtitle,
    state: caption.source,
    awards: { title: t('finale.awards'), rules: awardRules(), items: [...awards] },
    board: boardOf(results),
    charts: replay ? chartsOf(results, replay, paint.slots) : [],
    table: tableOf(results),
    colours: { ink, muted, line, surface, accent, gold, silver, bronze },
  })
}

function boardOf({ ranked }: Results): Report['board'] {
  const write = inColumn(
    rankedMeasure.value,
    ranked.map((row) => row.value),
  )
  return {
    title: t('board.title'),
    unit: t(`measure.${rankedMeasure.value}`),
    rows: ranked.map((row) => ({ rank: row.rank, name: row.team.name, value: write(row.value), bar: row.bar })),
  }
}

function chartsOf({ ranked }: Results, replay: Replay, slots: readonly string[]): ReportChart[] {
  const lines = ranked
    .slice(0, SLOTS)
    .map(({ team }, place) => ({ id: team.team_id, name: team.name, colour: slots[place] ?? '' }))
  const frame = { replay, zone: view.zone, format: tick }
  return [
    { title: t('finale.race'), svg: raceSvg({ ...frame, summary: t('finale.race') }, lines), legend: lines },
    { title: t('time.title'), svg: flowSvg({ ...frame, summary: t('time.title') }), legend: [] },
  ]
}

function tableOf({ board, ranked }: Results): Report['table'] {
  const figures = (sums: Measures): (string | null)[] =>
    MEASURES.map((measure) => {
      const value = valueBy(sums, measure)
      return value === null ? null : byMeasure(measure, value)
    })
  const placed = new Set(ranked.map((row) => row.team.team_id))
  const others = board.teams.filter((team) => !placed.has(team.team_id))
  return {
    title: t('finale.figures'),
    columns: [t('col.rank'), t('col.team'), ...MEASURES.map((measure) => t(`measure.${measure}`))],
    rows: [
      ...ranked.map((row) => [count(row.rank), row.team.name, ...figures(row.team)]),
      ...others.map((team) => [null, team.name, ...figures(team)]),
      [null, t('chart.total'), ...figures(board.totals)],
    ],
  }
}
