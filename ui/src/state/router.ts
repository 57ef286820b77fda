/** Which view the address asks for, and moving between views without loading the page again. */

import { computed, ref } from 'vue'
import { at, within } from '../api/base'

export type Place =
  | { view: 'board' | 'charts' | 'money' | 'explore' | 'about' | 'present' | 'replay' | 'lost' }
  | { view: 'team'; teamId: string }

const address = ref(within(window.location.pathname))

export function placeOf(path: string): Place {
  const [first = '', second, ...rest] = path.split('/').slice(1)
  if (first === '') return { view: 'board' }
  if (first === 'team' && second && rest.length === 0) return { view: 'team', teamId: decode(second) }
  const known = (['charts', 'money', 'explore', 'about', 'present', 'replay'] as const).find((view) => view === first)
  if (second === undefined && known) return { view: known }
  return { view: 'lost' }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export const place = computed(() => placeOf(address.value))

export function pathOf(to: Place): string {
  if (to.view === 'board' || to.view === 'lost') return at('/')
  return at(to.view === 'team' ? `/team/${encodeURIComponent(to.teamId)}` : `/${to.view}`)
}

export function go(to: Place): void {
  const path = pathOf(to)
  if (within(path) === address.value) return
  window.history.pushState(null, '', path + window.location.search)
  address.value = within(path)
  window.scrollTo(0, 0)
}

window.addEventListener('popstate', () => {
  address.value = within(window.location.pathname)
})
