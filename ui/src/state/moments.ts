/** The headlines of this page: what happened on the leaderboard that it shows, one at a time. */

import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { Sheet } from '../api/types'
import { climbs, passes, type Moment } from '../logic/moments'
import { dismissed, offered, STILL, ticked } from '../logic/pace'
import { bests, pastOf, streaks } from '../logic/past'
import type { Ranking } from '../logic/rank'
import { useBoard } from './board'
import { useNow } from './clock'
import { question, running, useLastHour } from './lastHour'
import { sees } from './me'
import { preferences } from './preferences'
import { pastDaysUrl, pastHoursUrl } from './questions'
import { useResource } from './resource'
import { useSettled } from './settled'
import { filtered, lastDay, rankedMeasure } from './view'

/** Rankings further apart, such as before and after a laptop slept, do not tell what "just" happened. */
const JUST_MS = 60_000
/** How often one looks whether something is a best so far. */
const PAST_MS = 120_000

interface Moments {
  shown: ComputedRef<Moment | null>
  dismiss: () => void
}

/** `still`: nothing is told, as nothing moves any more. */
export function useMoments(still: () => boolean): Moments {
  const { ranking, resource } = useBoard()
  const { rises, since } = useLastHour()
  const now = useNow()
  const pace = shallowRef(STILL)
  const isTold = computed(() => preferences.moments && running.value && !still())
  const names = computed(() => {
    const teams = ranking.value?.ranked.map((row) => row.team).filter((team) => !team.deleted) ?? []
    return new Map(teams.map((team) => [team.team_id, team.name]))
  })
  const offer = (moments: readonly Moment[]): void => {
    if (isTold.value) pace.value = offered(pace.value, moments, now.value)
  }

  // What was said of one question is not left standing over another.
  watch(
    [question, () => rankedMeasure.value, isTold],
    () => (pace.value = { ...dismissed(pace.value, now.value), waiting: [] }),
  )

  let before: { question: string; ranking: Ranking; at: number } | null = null
  watch(
    [ranking, () => resource.stale],
    () => {
      if (!ranking.value || resource.stale) return
      const next = { question: `${question.value} ${rankedMeasure.value}`, ranking: ranking.value, at: now.value }
      const isNext = before?.question === next.question && next.at - before.at < JUST_MS
      if (before && isNext) offer(passes(before.ranking, next.ranking))
      before = next
      if (rises.value) offer(climbs(next.ranking, rises.value, since.value))
    },
    { immediate: true },
  )
  // Of part of the usage nobody's best day could be told.
  const settled = useSettled()
  const isWhole = computed(
    () => settled.value && isTold.value && sees('tokens') && !filtered.value && names.value.size > 0,
  )
  const pastDays = useResource<Sheet>(() => (isWhole.value ? pastDaysUrl(lastDay.value) : null), PAST_MS)
  const pastHours = useResource<Sheet>(() => (isWhole.value ? pastHoursUrl(lastDay.value) : null), PAST_MS)
  watch([() => pastDays.data, isWhole], () => {
    const past = isWhole.value && pastDays.data && !pastDays.stale ? pastOf(pastDays.data, now.value) : null
    if (past)
      offer([...bests(past, 'bestDay', names.value, lastDay.value), ...streaks(past, names.value, lastDay.value)])
  })
  watch([() => pastHours.data, isWhole], () => {
    const past = isWhole.value && pastHours.data && !pastHours.stale ? pastOf(pastHours.data, now.value) : null
    if (past) offer(bests(past, 'bestHour', names.value, lastDay.value))
  })

  watch([now, pace], () => (pace.value = ticked(pace.value, now.value)), { immediate: true })
  return {
    shown: computed(() => pace.value.shown?.moment ?? null),
    dismiss: () => (pace.value = dismissed(pace.value, now.value)),
  }
}
