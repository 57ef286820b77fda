/** The present by Podium's clock, as a value that templates can depend on. It ticks once a second while it is looked at. */

import { ref, watch, type Ref } from 'vue'
import { clockOffsetMs, presentMs } from '../api/serverClock'

const now = ref(presentMs())
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): Ref<number> {
  timer ??= start()
  return now
}

function start(): ReturnType<typeof setInterval> {
  const tick = (): void => {
    now.value = presentMs()
  }
  watch(clockOffsetMs, tick)
  return setInterval(() => {
    if (!document.hidden) tick()
  }, 1000)
}
