/**
 * What one looks at: one object, mirrored into the address so that a link reproduces it, and kept
 * in this browser so that the next visit begins where this one ended.
 */

import { computed, reactive, watch } from 'vue'
import { dayIn, viewersZone } from '../logic/days'
import { FILTERS, readView, writeView, type FilterName, type View } from '../logic/link'
import { grainsFor, naturalGrain, resolve, stepped, type Days, type Grain, type Range } from '../logic/range'
import { useNow } from './clock'
import { keepLocally, keptLocally } from './preferences'

const PLACE = 'podium.view'
const now = useNow()

function firstView(): View {
  const asked = window.location.search
  const kept = asked.length > 1 ? asked : (keptLocally(PLACE) ?? '')
  return readView(new URLSearchParams(kept), viewersZone())
}

export const view = reactive<View>(firstView())

const today = computed(() => dayIn(now.value, view.zone))

/** The days that are looked at. Strings inside, so it changes only when a day does. */
export const days = computed<Days>((before) => {
  const next = resolve(view.range, now.value, view.zone)
  return before && before.start === next.start && before.end === next.end ? before : next
})

export const grains = computed(() => grainsFor(days.value))
export const grain = computed<Grain>(() => {
  const chosen = view.grain === 'auto' ? naturalGrain(days.value) : view.grain
  return grains.value.includes(chosen) ? chosen : naturalGrain(days.value)
})

export function look(range: Range): void {
  view.range = range
}

export function step(direction: -1 | 1): void {
  const moved = stepped(days.value, direction, today.value)
  if (moved) look(moved)
}

export const canStepOn = computed(() => stepped(days.value, 1, today.value) !== null)
export const lastDay = today

export function toggleFilter(name: FilterName, value: string): void {
  const values = view.filters[name]
  view.filters[name] = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
}

export function clearFilters(): void {
  for (const name of FILTERS) view.filters[name] = []
}

export const filtered = computed(() => FILTERS.some((name) => view.filters[name].length > 0))

/** A link to this view with its days written out, so that it shows the same tomorrow. */
export function lastingLink(): string {
  const query = writeView({ ...view, range: days.value })
  return `${window.location.origin}${window.location.pathname}?${query}`
}

/** Parameters of a single view, such as the end of the countdown, stay in the address. */
const FOREIGN = ['until', 'title']

export function startView(): void {
  watch(
    () => writeView(view).toString(),
    (query) => {
      const full = new URLSearchParams(query)
      const present = new URLSearchParams(window.location.search)
      for (const name of FOREIGN) if (present.has(name)) full.set(name, present.get(name) ?? '')
      window.history.replaceState(null, '', `${window.location.pathname}?${full}${window.location.hash}`)
      keepLocally(PLACE, query)
    },
    { immediate: true },
  )
  window.addEventListener('popstate', () => {
    Object.assign(view, readView(new URLSearchParams(window.location.search), viewersZone()))
  })
}
