/**
 * What stood when the bell rang: from then on nothing moves, whatever is used afterwards. Kept in
 * this browser, so that a page that is loaded again shows the same. Whoever opens it only later is
 * told what the quarter hours up to the bell add up to.
 */

import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { Sheet } from '../api/types'
import { sightOf } from '../logic/access'
import { onlyTeams, type Board } from '../logic/board'
import { boardUntil } from '../logic/bell'
import { dayIn } from '../logic/days'
import { FILTERS } from '../logic/link'
import { ranking, type Ranking } from '../logic/rank'
import { needsBasis } from '../logic/score'
import { useBoard } from './board'
import { useNow } from './clock'
import { me, mode, sees } from './me'
import { BELL, keepLocally, keptLocally } from './preferences'
import { quartersUrl } from './questions'
import { useResource } from './resource'
import { days, rankedMeasure, score, view } from './view'

interface Kept {
  of: string
  board: Board
}

export interface Bell {
  /** Whether it has rung. */
  rung: ComputedRef<boolean>
  board: ComputedRef<Board | null>
  ranking: ComputedRef<Ranking | null>
}

export function useBell(end: () => number | null): Bell {
  const { board: present, resource } = useBoard()
  const now = useNow()
  const rung = computed(() => {
    const at = end()
    return at !== null && now.value >= at
  })
  /** The same bell of the same question: another period or filter is another race. */
  const of = computed(() =>
    JSON.stringify([
      end(),
      ...(mode.value === 'open' || !me.value ? [] : [sightOf(me.value)]),
      days.value,
      view.zone,
      view.unlisted,
      FILTERS.map((name) => view.filters[name]),
    ]),
  )
  const kept = shallowRef<Kept | null>(read())
  const stood = computed(() => (rung.value && kept.value?.of === of.value ? kept.value.board : null))
  /** Only while the page was looking does it know what stood. */
  let watched = false
  watch(
    [rung, of, present],
    () => {
      if (!rung.value) watched = present.value !== null && !resource.stale
      else if (watched && present.value && !stood.value) keep({ of: of.value, board: present.value })
      if (rung.value) watched = false
    },
    { immediate: true, flush: 'sync' },
  )
  const quarters = useResource<Sheet>(() => {
    const at = end()
    if (!rung.value || stood.value || at === null || !sees('tokens')) return null
    // An event that is over before or after the days that are shown is none of theirs.
    const day = dayIn(at, view.zone)
    return day >= days.value.start && day <= days.value.end ? quartersUrl(day) : null
  }, 30_000)
  const board = computed(() => {
    const all = present.value
    if (!rung.value) return all
    if (stood.value) return stood.value
    const sheet = quarters.stale ? null : quarters.data
    return sheet && all ? boardUntil(all, sheet, end() ?? 0) : all
  })
  const listed = computed(() => board.value && onlyTeams(board.value, view.filters.team_id))

  function keep(next: Kept): void {
    kept.value = next
    keepLocally(BELL, JSON.stringify(next))
  }

  return {
    rung,
    board: listed,
    ranking: computed(() => {
      const all = listed.value
      if (!all || (needsBasis(score.value) && all.teams.every((team) => !team.basis))) return null
      return ranking(all.teams, rankedMeasure.value, all.compared?.spansDay, score.value)
    }),
  }
}

function read(): Kept | null {
  try {
    const kept: unknown = JSON.parse(keptLocally(BELL) ?? 'null')
    return kept !== null && typeof kept === 'object' && 'of' in kept && 'board' in kept ? (kept as Kept) : null
  } catch {
    return null
  }
}
