/** Keys that work anywhere on the page, and the two dialogs they open. */

import { onScopeDispose, reactive } from 'vue'
import { isMirrored } from '../i18n'
import { preferences } from './preferences'
import { go, place } from './router'
import { look, step, toggleCompare } from './view'
import type { Preset } from '../logic/range'

export const dialogs = reactive({ palette: false, help: false })

/** Letter to preset; `7` and `w` are the same week. */
export const PRESET_KEYS: Record<string, Preset> = {
  d: 'today',
  e: 'yesterday',
  '7': 'week',
  w: 'week',
  t: 'thirty',
  m: 'month',
  y: 'year',
}

/** Time runs as one reads. */
export function earlierKey(): 'ArrowLeft' | 'ArrowRight' {
  return isMirrored() ? 'ArrowRight' : 'ArrowLeft'
}

export function useKeys(): void {
  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}

function onKey(event: KeyboardEvent): void {
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault()
    dialogs.palette = !dialogs.palette
    return
  }
  if (!preferences.keys || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return
  if (act(event.key)) event.preventDefault()
}

function act(key: string): boolean {
  const preset = PRESET_KEYS[key.toLowerCase()]
  if (preset) look({ preset })
  else if (key === earlierKey()) step(-1)
  else if (key === 'ArrowLeft' || key === 'ArrowRight') step(1)
  else if (key.toLowerCase() === 'x') toggleCompare()
  else if (key === '/') focusSearch()
  else if (key === '?') dialogs.help = true
  else return false
  return true
}

/** The search lives on the leaderboard; from elsewhere the palette finds teams. */
function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('#search')
  if (field) field.focus()
  else if (place.value.view !== 'present') dialogs.palette = true
  else go({ view: 'board' })
}

/** Where keys mean something of their own: text, choices, and things that arrows move. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input, select, textarea, [role="radio"], [role="slider"], [tabindex="0"]'))
  )
}
