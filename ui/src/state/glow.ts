/** A short glow where a figure has just moved, so that a watcher's eye finds what happened. */

import { watch, type Ref } from 'vue'

const GLOW_MS = 900

/** `context` changes with what is shown (the measure, the days): then every figure differs, and none has moved. */
export function useGlow(element: Readonly<Ref<HTMLElement | null>>, figure: () => number, context: () => string): void {
  watch([figure, context], ([now, where], [before, whereBefore]) => {
    if (where !== whereBefore || now === before) return
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
    element.value?.animate([{ opacity: 0.9 }, { opacity: 0 }], { duration: GLOW_MS, easing: 'ease-out' })
  })
}
