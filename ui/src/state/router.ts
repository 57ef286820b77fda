/** Which view the address asks for, and moving between views without loading the page again. */

import { computed, ref } from 'vue'
import { at, within } from '../api/base'

export type Place =
  | { view: 'board' | 'charts' | 'money' | 'explore' | 'about' | 'present' | 'replay' | 'lost' | 'sign-in' | 'access' }
  | { view: 'team'; teamId: string }

const address = ref(within(window.location.pathname))

const VIEWS = ['charts', 'money', 'explore', 'about', 'present', 'replay', 'sign-in', 'access'] as const

export function placeOf(path: string): Place {
  const [first = '', second, ...rest] = path.split('/').slice(1)
  if (first === '') return { view: 'board' }
  if (first === 'team' && second && rest.length === 0) return { view: 'team', teamId: decode(second) }
  const known = VIEWS.find((view) => view === first)
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
  window.history.pushState(null, '', path + ownQuery())
  address.value = within(path)
  window.scrollTo(0, 0)
}

/** Parameters of the sign-in stay with it. */
export const SIGN_IN_QUERY = ['to', 'error']

function ownQuery(): string {
  const query = new URLSearchParams(window.location.search)
  if (!SIGN_IN_QUERY.some((name) => query.has(name))) return window.location.search
  for (const name of SIGN_IN_QUERY) query.delete(name)
  return `?${query}`
}

/** Goes to an address of Podium's with all that it says of the view, in the place of this one if one shall not come back. */
export function follow(address: string, instead = false): void {
  if (instead) window.history.replaceState(null, '', address)
  else window.history.pushState(null, '', address)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

/** Where one is, as the sign-in leads back to it. */
export function here(): string {
  return within(window.location.pathname) + window.location.search + window.location.hash
}

/** The sign-in's address, with the way back. */
export function signInPath(): string {
  return at(`/sign-in?${new URLSearchParams({ to: here() })}`)
}

window.addEventListener('popstate', () => {
  address.value = within(window.location.pathname)
})
