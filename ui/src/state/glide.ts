/**
 * Lets the children of a list glide to their new places when the order changes. The order of the
 * document is changed as well, so that what is read aloud is what is seen; only the picture lags,
 * by an animation of transforms that the compositor runs alone.
 */

import { watch, type Ref } from 'vue'

const GLIDE_MS = 620
const EASING = 'cubic-bezier(0.22, 0.9, 0.3, 1)'

export function useGlide(list: Readonly<Ref<HTMLElement | null>>, order: () => string): void {
  let before = new Map<string, number>()
  let focused: Element | null = null

  watch(
    order,
    () => {
      before = tops(list.value)
      focused = list.value?.contains(document.activeElement) ? document.activeElement : null
    },
    { flush: 'pre' },
  )
  watch(
    order,
    () => {
      // An element that moves in the document loses the focus.
      if (focused instanceof HTMLElement && document.activeElement !== focused && focused.isConnected) {
        focused.focus({ preventScroll: true })
      }
      if (!window.matchMedia('(prefers-reduced-motion: reduce)').matches) play(list.value, before)
    },
    { flush: 'post' },
  )
}

function items(list: HTMLElement | null): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>(':scope > [data-team]')] : []
}

function tops(list: HTMLElement | null): Map<string, number> {
  return new Map(items(list).map((item) => [item.dataset.team ?? '', item.getBoundingClientRect().top]))
}

function play(list: HTMLElement | null, before: ReadonlyMap<string, number>): void {
  const all = items(list)
  for (const item of all) for (const animation of item.getAnimations()) animation.cancel()
  // All reading before all writing: one layout, however many rows move.
  const moves = all.map((item) => ({ item, now: item.getBoundingClientRect().top }))
  for (const { item, now } of moves) {
    const was = before.get(item.dataset.team ?? '')
    const end = item.style.transform || 'none'
    if (was === undefined)
      item.animate([{ opacity: 0 }, { opacity: 1 }], { duration: GLIDE_MS / 2, easing: 'ease-out' })
    else if (Math.abs(was - now) > 1) {
      const begin = `translateY(${was - now}px) ${end === 'none' ? '' : end}`
      item.animate([{ transform: begin }, { transform: end }], { duration: GLIDE_MS, easing: EASING })
    }
  }
}
