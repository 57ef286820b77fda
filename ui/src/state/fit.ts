/** Letters as small as they have to be for a text to be seen in full, and no smaller. */

import type { Directive } from 'vue'

const STEP = 0.93
const LEAST = 0.3

function fits(element: HTMLElement): boolean {
  return element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight + 1
}

function shrink(element: HTMLElement): void {
  element.style.fontSize = ''
  element.classList.remove('broken')
  if (fits(element)) return
  const full = parseFloat(getComputedStyle(element).fontSize)
  for (let size = STEP; size >= LEAST; size *= STEP) {
    element.style.fontSize = `${full * size}px`
    if (fits(element)) return
  }
  // One word that is longer than the screen is wide is broken rather than cut.
  element.classList.add('broken')
}

const observers = new WeakMap<HTMLElement, ResizeObserver>()

export const vFit: Directive<HTMLElement, string> = {
  mounted(element) {
    shrink(element)
    let width = element.clientWidth
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return
      width = element.clientWidth
      shrink(element)
    })
    observer.observe(element)
    observers.set(element, observer)
  },
  updated(element, { value, oldValue }) {
    if (value !== oldValue) shrink(element)
  },
  beforeUnmount(element) {
    observers.get(element)?.disconnect()
  },
}
