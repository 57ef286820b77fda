/** The present by Podium's clock, as a value that templates can depend on. It ticks once a second while it is looked at. */

import { ref, watch, type Ref } from 'vue'
import { clockOffsetMs, presentMs } from '../api/serverClock'

const now = ref(presentMs())
let ticks = false

export function useNow(): Ref<number> {
  if (!ticks) start()
  return now
}

function start(): void {
  ticks = true
  const tick = (): void => {
    now.value = presentMs()
  }
  watch(clockOffsetMs, tick)
  setInterval(() => {
    if (!document.hidden) tick()
  }, 1000)
}
