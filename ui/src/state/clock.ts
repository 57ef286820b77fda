/** The present, as a value that templates can depend on. It ticks once a second while it is looked at. */

import { ref, type Ref } from 'vue'

const now = ref(Date.now())
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): Ref<number> {
  timer ??= setInterval(() => {
    if (!document.hidden) now.value = Date.now()
  }, 1000)
  return now
}
