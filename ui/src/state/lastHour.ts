/** Ranks as they were an hour ago, for everything that tells who rose: asked once a quarter hour. */

import { computed, effectScope, shallowRef, watch, type ComputedRef } from 'vue'
import type { Sheet } from '../api/types'
import type { Board } from '../logic/board'
import { dayIn } from '../logic/days'
import { boardAt, hourAgo, risesBetween } from '../logic/lastHour'
import { FILTERS } from '../logic/link'
import { ranking as rankingOf } from '../logic/rank'
import { useBoard } from './board'
import { useNow } from './clock'
import { sees, sight } from './me'
import { quartersUrl } from './questions'
import { useResource } from './resource'
import { place } from './router'
import { useSettled } from './settled'
import { days, lastDay, rankedMeasure, view } from './view'

interface LastHour {
  /** By team, places since `since`; `null` where nobody knows them. */
  rises: ComputedRef<ReadonlyMap<string, number> | null>
  since: ComputedRef<number>
}

/** What one looks at, apart from the measure: figures of another question say nothing of this one. */
export const question = computed(() =>
  JSON.stringify([sight.value, days.value, view.zone, view.unlisted, FILTERS.map((name) => view.filters[name])]),
)

/** Whether the days that are shown run. */
export const running = computed(() => days.value.end >= lastDay.value)

let shared: LastHour | null = null

/** One for the whole page, as the board is. */
export function useLastHour(): LastHour {
  shared ??= effectScope(true).run(makeLastHour) ?? null
  if (!shared) throw new Error('The scope of the last hour has ended, which nothing does.')
  return shared
}

function makeLastHour(): LastHour {
  const { listed, ranking, resource } = useBoard()
  const now = useNow()
  const since = computed(() => hourAgo(now.value))
  const kept = shallowRef<{ question: string; since: number; board: Board } | null>(null)
  const settled = useSettled()
  const isWanted = computed(
    () =>
      settled.value &&
      sees('tokens') &&
      ['board', 'team', 'present'].includes(place.value.view) &&
      running.value &&
      dayIn(since.value, view.zone) >= days.value.start,
  )
  const isKept = computed(() => kept.value?.question === question.value && kept.value.since === since.value)
  const quarters = useResource<Sheet>(
    () => (isWanted.value && !isKept.value ? quartersUrl(dayIn(since.value, view.zone), lastDay.value) : null),
    3_000,
  )
  watch([() => quarters.data, listed, question, since], () => {
    if (!isWanted.value || isKept.value || !quarters.data || quarters.stale || !listed.value || resource.stale) return
    const board = boardAt(listed.value, quarters.data, since.value, now.value)
    if (board) kept.value = { question: question.value, since: since.value, board }
  })
  return {
    // That of the quarter hour before is shown until this one's is known.
    rises: computed(() => {
      const then = isWanted.value && kept.value?.question === question.value ? kept.value.board : null
      return then && ranking.value ? risesBetween(rankingOf(then.teams, rankedMeasure.value), ranking.value) : null
    }),
    since: computed(() => kept.value?.since ?? since.value),
  }
}
