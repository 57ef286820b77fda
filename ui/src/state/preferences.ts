/**
 * What belongs to the viewer rather than to the view: theme, language, own team, time zone, measure,
 * keys, patterns, headlines. Kept in this browser only; a browser that keeps nothing works as well.
 */

import { reactive, watch } from 'vue'
import { setLanguage } from '../i18n'
import { isLanguage, type Language } from '../i18n/languages'
import { isZone } from '../logic/days'
import { MEASURES, type Measure } from '../logic/rank'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

interface Preferences {
  theme: Theme
  /** `null` follows the browser. */
  language: Language | null
  myTeam: string | null
  /** Single-letter keys can be turned off: speech input may press them by chance. */
  keys: boolean
  /** The zone in which a visit begins; `null` is that of the device. */
  zone: string | null
  /** The measure by which a visit begins to rank. */
  measure: Measure
  /** Fills of charts differ by patterns as well as by colours. */
  patterns: boolean
  /** Headlines of what just happened. */
  moments: boolean
}

const PLACE = 'podium.preferences'
/** What stood when a bell rang. */
export const BELL = 'podium.bell'

export function keepLocally(place: string, value: string): void {
  try {
    localStorage.setItem(place, value)
  } catch {
    // Private windows and full disks refuse; then the choice lasts as long as the page.
  }
}

export function forgetLocally(place: string): void {
  try {
    localStorage.removeItem(place)
  } catch {
    // Where nothing is kept there is nothing to forget.
  }
}

export function keptLocally(place: string): string | null {
  try {
    return localStorage.getItem(place)
  } catch {
    return null
  }
}

function read(): Preferences {
  const plain: Preferences = {
    theme: 'system',
    language: null,
    myTeam: null,
    keys: true,
    zone: null,
    measure: 'tokens',
    patterns: false,
    moments: true,
  }
  try {
    const kept: unknown = JSON.parse(keptLocally(PLACE) ?? '{}')
    if (kept === null || typeof kept !== 'object') return plain
    const from = kept as Partial<Preferences>
    return {
      theme: THEMES.find((theme) => theme === from.theme) ?? plain.theme,
      language: isLanguage(from.language) ? from.language : null,
      myTeam: typeof from.myTeam === 'string' ? from.myTeam : null,
      keys: from.keys !== false,
      zone: typeof from.zone === 'string' && isZone(from.zone) ? from.zone : null,
      measure: MEASURES.find((measure) => measure === from.measure) ?? plain.measure,
      patterns: from.patterns === true,
      moments: from.moments !== false,
    }
  } catch {
    return plain
  }
}

export const preferences = reactive(read())

/** Applies the preferences now and whenever they change. */
export async function startPreferences(): Promise<void> {
  watch(preferences, (all) => keepLocally(PLACE, JSON.stringify(all)))
  watch(
    () => preferences.theme,
    (theme) => {
      if (theme === 'system') delete document.documentElement.dataset.theme
      else document.documentElement.dataset.theme = theme
    },
    { immediate: true },
  )
  watch(
    () => preferences.language,
    (language) => void setLanguage(language),
  )
  await setLanguage(preferences.language)
}
