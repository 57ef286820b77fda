/**
 * Plays a replay: which moment is shown, whether time runs, and how fast. Both moment and speed are in
 * the address, so that a link leads to a moment. When time stands still it does so at the end of a
 * quarter hour, where figures are exact.
 */

import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from 'vue'
import {
  clamped,
  exactAt,
  PLAIN_SPEED,
  QUARTER_MS,
  readMoment,
  readSpeed,
  shifted,
  writeMoment,
  type Replay,
  type Speed,
} from '../logic/replay'

/** Browsers take few changes of the address a second. */
const WRITE_MS = 700

export interface Player {
  /** `null` while there is nothing to play. */
  at: ComputedRef<number | null>
  playing: Ref<boolean>
  speed: Ref<Speed>
  toggle: () => void
  /** Stands still at this moment. */
  seek: (at: number) => void
  /** Goes on or back by quarter hours. */
  step: (quarters: number) => void
  changeSpeed: (by: 1 | -1) => void
}

export function usePlayer(replay: () => Replay | null): Player {
  const query = new URLSearchParams(window.location.search)
  const asked = ref(readMoment(query.get('at')))
  const speed = ref<Speed>(readSpeed(query.get('speed')))
  const playing = ref(false)
  const steady = window.matchMedia('(prefers-reduced-motion: reduce)')
  let frame = 0

  const at = computed(() => {
    const of = replay()
    if (!of) return null
    const moment = clamped(of, asked.value ?? of.end)
    // Without motion time goes from quarter hour to quarter hour.
    return playing.value && !steady.matches ? moment : exactAt(of, moment)
  })

  function toggle(): void {
    const of = replay()
    if (!of) return
    if (playing.value) seek(at.value ?? of.end)
    else {
      if ((at.value ?? of.end) >= of.end) asked.value = of.start
      playing.value = true
    }
  }

  function seek(moment: number): void {
    const of = replay()
    playing.value = false
    if (of) asked.value = exactAt(of, moment)
  }

  function step(quarters: number): void {
    if (at.value !== null) seek(at.value + quarters * QUARTER_MS)
  }

  function run(before: number): void {
    frame = requestAnimationFrame((time) => {
      const of = replay()
      if (!of || !playing.value) return
      asked.value = clamped(of, (asked.value ?? of.start) + (time - before) * speed.value)
      if (asked.value >= of.end) playing.value = false
      else run(time)
    })
  }

  watch(playing, (now) => {
    cancelAnimationFrame(frame)
    if (now) run(performance.now())
    else write()
  })
  // Another period is another film; the same one with other filters goes on from where it was.
  let started: number | undefined
  watch(
    () => replay()?.start,
    (start) => {
      if (start === undefined) playing.value = false
      else {
        if (started !== undefined && start !== started) asked.value = null
        started = start
      }
    },
    { immediate: true },
  )

  /** Also while it plays, a link leads to where figures are exact. */
  function write(): void {
    const of = replay()
    if (of && at.value !== null) writeAddress(exactAt(of, at.value), speed.value)
  }
  const writer = setInterval(write, WRITE_MS)
  onBeforeUnmount(() => {
    playing.value = false
    cancelAnimationFrame(frame)
    clearInterval(writer)
    writeAddress(null, PLAIN_SPEED)
  })
  return { at, playing, speed, toggle, seek, step, changeSpeed: (by) => (speed.value = shifted(speed.value, by)) }
}

function writeAddress(at: number | null, speed: Speed): void {
  const query = new URLSearchParams(window.location.search)
  const before = query.toString()
  query.delete('at')
  query.delete('speed')
  if (at !== null) query.set('at', writeMoment(at))
  if (speed !== PLAIN_SPEED) query.set('speed', String(speed))
  if (query.toString() !== before) window.history.replaceState(null, '', `${window.location.pathname}?${query}`)
}
