/** Time zones as one looks for them: by city, by region, by the name that a clock there has. */

import { isZone } from './days'
import { matches, terms } from './search'

export interface Zone {
  /** `Europe/Berlin`. */
  id: string
  /** `Europe, Berlin`, to be read. */
  name: string
  /** `GMT+1`, at a moment. */
  offset: string
}

/** Today's names of zones that browsers list by their former ones, where they list them at all. */
const RENAMED = [
  'UTC',
  'Africa/Asmara',
  'America/Argentina/Buenos_Aires',
  'America/Atikokan',
  'America/Indiana/Indianapolis',
  'America/Kentucky/Louisville',
  'America/Nuuk',
  'Asia/Ho_Chi_Minh',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Ulaanbaatar',
  'Asia/Yangon',
  'Atlantic/Faroe',
  'Europe/Kyiv',
  'Pacific/Chuuk',
  'Pacific/Kanton',
  'Pacific/Pohnpei',
]

/** What is on the list of the browser; some have none, and the names they know have to be typed. */
function listed(): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
  return [...new Set([...RENAMED.filter(isZone), ...known])]
}

export function zoneOf(id: string, at: number, locale: string): Zone {
  const part = new Intl.DateTimeFormat(locale, { timeZone: id, timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')
  return { id, name: zoneName(id), offset: part?.value ?? '' }
}

/** `America/Argentina/Buenos_Aires` as `Buenos Aires`, for where there is little room. */
export function cityOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

function zoneName(id: string): string {
  return id.replaceAll('_', ' ').replaceAll('/', ', ')
}

/** The zones that a search finds, at most so many; any name of the IANA data is one, on the list or not. */
export function findZones(search: string, most: number): string[] {
  const typed = search.trim()
  const wanted = terms(typed)
  if (wanted.length === 0) return []
  const found = listed().filter((id) => matches(`${id} ${zoneName(id)}`, wanted))
  // A city that begins as typed is meant rather than one that merely contains it.
  const begins = (id: string): boolean => matches(`^${cityOf(id)}`, terms(`^${typed}`))
  found.sort((a, b) => Number(begins(b)) - Number(begins(a)))
  const own = typed.replaceAll(' ', '_')
  if (isZone(own) && !found.some((id) => id.toLowerCase() === own.toLowerCase())) found.unshift(canonicalCase(own))
  return [...new Set(found)].slice(0, most)
}

/** As the browser writes it, where it changes nothing but the case. */
function canonicalCase(id: string): string {
  const resolved = new Intl.DateTimeFormat('en', { timeZone: id }).resolvedOptions().timeZone
  return resolved.toLowerCase() === id.toLowerCase() ? resolved : id
}
