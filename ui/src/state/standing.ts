/** How the figures stand, in few words: what the status line says, and its details explain. */

import { computed, type ComputedRef } from 'vue'
import { clockOffsetMs, WRONG_MS } from '../api/serverClock'
import type { Meta } from '../api/types'
import { language, t } from '../i18n'
import { dayIn } from '../logic/days'
import { age, moment, time } from '../logic/format'
import { useBoard } from './board'
import { useNow } from './clock'
import { live } from './live'
import { isOwnOnly, ownOnlyText } from './scope'
import { lastDay, days, view } from './view'

export interface Standing {
  kind: 'connecting' | 'live' | 'polling' | 'lost' | 'doubt'
  /** What always has room. */
  state: string
  /** What has room on most screens. */
  rest: string
  /** Why figures do not move, where they do not. */
  trouble: string | null
  clock: string | null
  backfill: { done: number; total: number } | null
  /** Of the figures on the screen; `null` while those of other days are. */
  meta: Meta | null
}

export function useStanding(): ComputedRef<Standing> {
  const { board, resource } = useBoard()
  const now = useNow()
  /** The time of day, with the day where it was another one. */
  const when = (at: string | number): string =>
    dayIn(new Date(at).getTime(), view.zone) === dayIn(now.value, view.zone)
      ? time(at, view.zone)
      : moment(at, view.zone)
  return computed(() => {
    const meta = language.value && !resource.stale ? (board.value?.meta ?? null) : null
    const asOf = meta?.as_of ?? live.status?.in_step_at ?? null
    const showing = asOf && meta ? t('trouble.showing', { asOf: when(asOf) }) : ''
    const clock = clockText()
    const plain = { meta, clock, trouble: null, backfill: null }
    if (live.state === 'lost') {
      const state = t('trouble.podium', { since: when(live.lostSince ?? now.value) })
      return { ...plain, kind: 'lost', state, rest: showing, trouble: t('cause.unreachable') }
    }
    const gateway = live.status?.gateway
    if (gateway?.reachable === false) {
      const state = t('trouble.gateway', { since: when(gateway.failing_since ?? now.value) })
      return { ...plain, kind: 'lost', state, rest: showing, trouble: gateway.error ?? t('cause.gateway') }
    }
    const state = t(`trust.${live.state}`)
    const backfill = live.status?.backfill
    if (backfill && backfill.done < backfill.total) {
      const rest = t('trouble.backfill', { done: backfill.done, total: backfill.total })
      return { ...plain, kind: live.state, state, rest, backfill }
    }
    const doubt = clock ?? (meta && !meta.complete ? t('trust.incomplete') : null)
    if (doubt) return { ...plain, kind: 'doubt', state, rest: doubt }
    // Whether figures will move is not known yet: one word, until the sentence can be said.
    const rest = live.state === 'connecting' ? '' : restOf(meta, now.value)
    return { ...plain, kind: live.state, state, rest }
  })
}

/** Days that are over are complete or not; how old the newest figures are is news of days that run. */
function restOf(meta: Meta | null, now: number): string {
  const parts = meta?.complete ? [t('trust.complete')] : []
  // First, as there may be no room for all.
  if (isOwnOnly.value) parts.unshift(ownOnlyText())
  const newest = live.status?.in_step_at
  if (newest && days.value.end >= lastDay.value) parts.push(t('trust.newest', { age: age(now - Date.parse(newest)) }))
  return parts.join(' · ')
}

function clockText(): string | null {
  const offset = clockOffsetMs.value
  if (!language.value || Math.abs(offset) < WRONG_MS) return null
  return t(offset > 0 ? 'clock.slow' : 'clock.fast', { by: age(Math.abs(offset)) })
}
