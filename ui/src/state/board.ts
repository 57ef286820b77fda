/** The leaderboard, shared by everything that names teams or shows how far figures can be trusted. */

import { computed, effectScope, watch, type ComputedRef } from 'vue'
import type { Sheet } from '../api/types'
import { language, t } from '../i18n'
import { boardOf, onlyTeams, withBases, type Board, type Compared } from '../logic/board'
import { dayIn } from '../logic/days'
import { daysText, moment, time } from '../logic/format'
import { ranking, type Ranking } from '../logic/rank'
import { basesOf, needsBasis } from '../logic/score'
import { mayAsk } from './me'
import { basisUrl, boardUrl, trendUrl } from './questions'
import { useResource, type Resource } from './resource'
import { place } from './router'
import { boardScope } from './scope'
import { rankedMeasure, score, view } from './view'

interface SharedBoard {
  resource: Resource<Sheet>
  /** What the chosen score needs besides, where it needs something. */
  basis: Resource<Sheet>
  /** All teams, with the figures that the filters leave. */
  board: ComputedRef<Board | null>
  /** Only the chosen teams. */
  listed: ComputedRef<Board | null>
  ranking: ComputedRef<Ranking | null>
  /** What is ranked by, in words. */
  rankedBy: ComputedRef<string>
  /** What changes and movements are measured by, in words. */
  against: ComputedRef<string>
  nameOf: (teamId: string) => string
  placeOf: (teamId: string) => number
}

let shared: SharedBoard | null = null

/** One for the whole page: it lives as long as the page does. */
export function useBoard(): SharedBoard {
  shared ??= effectScope(true).run(makeBoard) ?? null
  if (!shared) throw new Error('The scope of the board has ended, which nothing does.')
  return shared
}

function makeBoard(): SharedBoard {
  const resource = useResource<Sheet>(boardUrl)
  const trend = useResource<Sheet>(() => (place.value.view === 'board' && mayAsk('tokens') ? trendUrl() : null), 5_000)
  const basis = useResource<Sheet>(() => (needsBasis(score.value) ? basisUrl() : null), 3_000)
  const bases = computed(() => (needsBasis(score.value) && basis.data && !basis.stale ? basesOf(basis.data) : null))
  const board = computed(() => {
    // The course of other days says nothing of these.
    const ofSameDays = trend.stale || resource.stale ? null : trend.data
    const made = resource.data && boardOf(resource.data, ofSameDays)
    return made && bases.value ? withBases(made, bases.value) : made
  })
  watch(
    () => resource.data?.meta.scope ?? null,
    (scope) => (boardScope.value = scope),
    { immediate: true, flush: 'sync' },
  )
  const listed = computed(() => board.value && onlyTeams(board.value, view.filters.team_id))
  const names = computed(() => new Map(board.value?.teams.map((team) => [team.team_id, team.name])))
  const places = computed(() => new Map(board.value?.teams.map((team, index) => [team.team_id, index])))
  return {
    resource,
    basis,
    board,
    listed,
    ranking: computed(() =>
      // Without what a score needs nobody has one; that is no ranking.
      listed.value && (bases.value || !needsBasis(score.value))
        ? ranking(listed.value.teams, rankedMeasure.value, listed.value.compared?.spansDay, score.value)
        : null,
    ),
    rankedBy: computed(() => {
      const measure = t(`measure.${rankedMeasure.value}`)
      return score.value === 'plain' ? measure : t(`scored.${score.value}`, { measure })
    }),
    against: computed(() => (language.value ? againstText(board.value?.compared ?? null) : '')),
    nameOf: (teamId) => names.value.get(teamId) ?? teamId,
    placeOf: (teamId) => places.value.get(teamId) ?? -1,
  }
}

function againstText(compared: Compared | null): string {
  if (!compared) return t('board.against')
  const { start, end, until } = compared
  if (until === null) return t('against.whole', { days: daysText(start, end) })
  const day = dayIn(Date.parse(until), view.zone)
  return day === start
    ? t('against.until', { days: daysText(start, start), time: time(until, view.zone) })
    : t('against.until', { days: daysText(start, day), time: moment(until, view.zone) })
}
