/**
 * What one looks at: one object, mirrored into the address, so that a link reproduces it and going
 * back undoes what was chosen. A visit without parameters begins with today, in the viewer's zone
 * and by the viewer's measure.
 */

import { computed, reactive, watch } from 'vue'
import { measureFor, rankable } from '../logic/access'
import { dayIn, viewersZone } from '../logic/days'
import { FILTERS, plainView, readView, splitOf, stepOf, writeView, type FilterName, type View } from '../logic/link'
import type { Measure } from '../logic/rank'
import { scoreFor, scoresShown } from '../logic/score'
import { behind } from '../logic/why'
import { grainsFor, naturalGrain, resolve, stepped, type Days, type Grain, type Range } from '../logic/range'
import { useNow } from './clock'
import { sees } from './me'
import { preferences } from './preferences'
import { place, SIGN_IN_QUERY } from './router'
import { boardScope } from './scope'

const now = useNow()

/** What the address says; where it says nothing of zone or measure, the viewer's own. */
function viewOfAddress(): View {
  const asked = new URLSearchParams(window.location.search)
  const own = plainView(preferences.zone ?? viewersZone(), preferences.measure)
  return asked.size === 0 ? own : readView(asked, own.zone)
}

export const view = reactive<View>(viewOfAddress())

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

/** Also the zone of the next visit. */
export function chooseZone(zone: string): void {
  view.zone = zone
  preferences.zone = zone === viewersZone() ? null : zone
}

/** Also the measure of the next visit. */
export function chooseMeasure(measure: Measure): void {
  view.measure = measure
  preferences.measure = measure
}

export const comparing = computed(() => view.compare !== 'off')

export function toggleCompare(): void {
  view.compare = comparing.value ? 'off' : 'to_now'
}

export function toggleFilter(name: FilterName, value: string): void {
  const values = view.filters[name]
  view.filters[name] = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
}

export function clearFilters(): void {
  for (const name of FILTERS) view.filters[name] = []
}

/** Asks why a measure changed, of a team or of all. */
export function explain(measure: Measure, teamId = ''): void {
  view.why = { measure: behind(measure), teamId, split: splitOf(teamId) }
}

/** What one can rank by; some of it may be hidden from who looks. */
export const measures = computed(() => rankable(boardScope.value))

/** The measure that is ranked by: the chosen one, where it is shown. */
export const rankedMeasure = computed(() => measureFor(view.measure, measures.value))

export const scores = computed(() => scoresShown(rankedMeasure.value, boardScope.value?.hidden ?? [], sees('keys')))

/** The score that counts: some measures do not have the one that is chosen. */
export const score = computed(() => scoreFor(rankedMeasure.value, view.score, scores.value))

export const filtered = computed(() => FILTERS.some((name) => view.filters[name].length > 0))

/** Parameters of a single view, such as the end of the countdown, stay in the address. */
const FOREIGN = ['until', 'title', 'cover', 'at', 'speed']

function foreign(): string[] {
  return place.value.view === 'sign-in' ? [...FOREIGN, ...SIGN_IN_QUERY] : FOREIGN
}

function withForeign(query: URLSearchParams): URLSearchParams {
  const present = new URLSearchParams(window.location.search)
  for (const name of foreign()) if (present.has(name)) query.set(name, present.get(name) ?? '')
  return query
}

/** A link to this view with its days written out, so that it shows the same tomorrow. */
export function lastingLink(): string {
  const query = withForeign(writeView({ ...view, range: days.value }))
  return `${window.location.origin}${window.location.pathname}?${query}`
}

/** Writes the view into the address: a new entry of the history for what one might want to undo. */
export function startView(): void {
  let step = stepOf(view)
  watch(
    () => writeView(view).toString(),
    (query, before) => {
      const full = withForeign(new URLSearchParams(query))
      const isStep = before !== undefined && stepOf(view) !== step
      step = stepOf(view)
      // Who went back is there already.
      if (`?${full}` === window.location.search) return
      const address = `${window.location.pathname}?${full}${window.location.hash}`
      if (isStep) window.history.pushState(null, '', address)
      else window.history.replaceState(null, '', address)
    },
    { immediate: true },
  )
  window.addEventListener('popstate', () => Object.assign(view, viewOfAddress()))
}
