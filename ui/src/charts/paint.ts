/** The theme's colours as canvases need them: resolved, and again when the theme changes. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { language } from '../i18n'
import { preferences } from '../state/preferences'
import { SLOTS } from '../logic/series'

export interface Paint {
  ink: string
  muted: string
  line: string
  surface: string
  others: string
  accent: string
  gold: string
  silver: string
  bronze: string
  /** From little to much. */
  ramp: string[]
  slots: string[]
  font: string
  still: boolean
  /** Whether fills differ by patterns as well. */
  patterns: boolean
}

const names = ['ink', 'muted', 'line', 'surface', 'others', 'accent', 'gold', 'silver', 'bronze'] as const

/** The paint of this moment, for what is drawn once; in the light theme for what is printed as well. */
export function paintNow(scheme: 'shown' | 'light' = 'shown'): Paint {
  const probe = document.createElement('span')
  // Where motion is reduced every change is a transition that is over at once, yet not before it is asked for.
  probe.style.setProperty('transition', 'none', 'important')
  if (scheme === 'light') probe.style.colorScheme = 'light'
  document.body.append(probe)
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const plain = Object.fromEntries(names.map((name) => [name, colour(name)])) as Record<(typeof names)[number], string>
  const paint: Paint = {
    ...plain,
    ramp: [0, 1, 2, 3, 4].map((step) => colour(`ramp-${step}`)),
    slots: Array.from({ length: SLOTS }, (_, slot) => colour(`slot-${slot}`)),
    font: getComputedStyle(document.body).fontFamily,
    patterns: preferences.patterns,
    still: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
  }
  probe.remove()
  return paint
}

export function usePaint(): ShallowRef<Paint> {
  const paint = shallowRef(paintNow())
  const renew = (): void => {
    paint.value = paintNow()
  }
  const media = ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)'].map((query) =>
    window.matchMedia(query),
  )
  for (const one of media) one.addEventListener('change', renew)
  watch([() => preferences.theme, () => preferences.patterns, language], renew, { flush: 'post' })
  onScopeDispose(() => media.forEach((one) => one.removeEventListener('change', renew)))
  return paint
}

/** A slot's pattern: shapes besides colours, for those who tell colours apart badly, and for print. */
const DECALS = [
  { symbol: 'none' },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
  {
    symbol: 'circle',
    dashArrayX: [
      [5, 5],
      [0, 5, 5, 0],
    ],
    dashArrayY: [5, 0],
    symbolSize: 0.6,
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: 0 },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 2 },
  {
    symbol: 'triangle',
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
    symbolSize: 0.7,
  },
  {
    symbol: 'rect',
    dashArrayX: [
      [4, 4],
      [0, 4, 4, 0],
    ],
    dashArrayY: [4, 0],
    symbolSize: 1,
  },
] as const

export function decalOf(slot: number, paint: Paint): object {
  if (!paint.patterns) return { symbol: 'none' }
  return { ...(DECALS[slot] ?? DECALS[0]), color: mix(paint.surface, 0.38) }
}

/** A slot's marker. The paths are drawn in a box of 16 by 16, and the legend's swatches are the same. */
export const SYMBOLS = [
  'circle',
  'rect',
  'triangle',
  'diamond',
  'path://M6 1h4v5h5v4h-5v5H6v-5H1V6h5z',
  'pin',
  'arrow',
  'path://M8 0l2.3 5.3 5.7.5-4.3 3.8 1.3 5.6L8 12.3l-5 2.9 1.3-5.6L0 5.8l5.7-.5z',
] as const

export function colourOf(slot: number, paint: Paint): string {
  return paint.slots[slot] ?? paint.others
}

export function mix(colour: string, opacity: number): string {
  const parts = colour.match(/[\d.]+/g)
  return parts ? `rgba(${parts.slice(0, 3).join(', ')}, ${opacity})` : colour
}
