/** The keys of a player, which come before those of the page while it is shown. */

import { onBeforeUnmount, onMounted } from 'vue'
import { wayOf } from './arrows'
import type { Player } from './player'
import { preferences } from './preferences'

/** In quarters. */
const HOUR = 4

export function usePlayerKeys(player: Player, ends: () => { start: number; end: number } | null): void {
  function onKey(event: KeyboardEvent): void {
    if (!preferences.keys || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
    if (act(event)) event.preventDefault()
  }

  function act({ key, shiftKey }: KeyboardEvent): boolean {
    const of = ends()
    if (!of) return false
    const way = wayOf(key)
    if (key === ' ') player.toggle()
    else if (way !== 0) player.step(shiftKey ? way * HOUR : way)
    else if (key === 'Home') player.seek(of.start)
    else if (key === 'End') player.seek(of.end)
    else if (key === '+') player.changeSpeed(1)
    else if (key === '-') player.changeSpeed(-1)
    else return false
    return true
  }

  onMounted(() => window.addEventListener('keydown', onKey, { capture: true }))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey, { capture: true }))
}

/** What has keys of its own: fields, buttons, links, and everything in a dialog or a panel. The slider of time has ours. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  if (document.querySelector('dialog[open]')) return true
  return (
    target.matches('input:not(.replay-slider), select, textarea, button, a, summary') ||
    target.closest('.popover-panel') !== null
  )
}
