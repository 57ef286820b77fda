/**
 * What a change is made of: of one answer by team, key and model beside the period before, the parts
 * that any one of the three tells apart. They add up to the change to the last digit that the API gives.
 */

import type { Sheet } from '../api/types'
import { decimalOf, isSame, minus, numberOf, sum, type Decimal } from './decimal'
import type { Measure } from './rank'
import { rowsOf, type SheetRow } from './sheet'

/** What adds up. How a rate changed is told by what it is made of. */
export const WHY_MEASURES = ['tokens', 'spend_usd', 'requests', 'failed_requests'] as const
export type WhyMeasure = (typeof WHY_MEASURES)[number]
export const WHY_SPLITS = ['team', 'api_key', 'model'] as const
export type WhySplit = (typeof WHY_SPLITS)[number]

const BEHIND: Record<Measure, WhyMeasure> = {
  tokens: 'tokens',
  spend_usd: 'spend_usd',
  requests: 'requests',
  success_rate: 'failed_requests',
  usd_per_1k_tokens: 'spend_usd',
}

export function behind(measure: Measure): WhyMeasure {
  return BEHIND[measure]
}

interface Amounts {
  before: Decimal
  now: Decimal
  /** What it added to the change. */
  by: Decimal
}

export interface Part extends Amounts {
  id: string
  /** `null` where nobody gave it one. */
  name: string | null
}

export interface Why extends Amounts {
  /** Those that changed, most first; each of them told. */
  parts: Part[]
  /** All others that changed, as one; `null` where there are none. */
  rest: (Amounts & { count: number }) | null
}

/** More steps than these nobody reads. */
export const MOST_PARTS = 8

const NAMES: Record<WhySplit, { id: string; name: string }> = {
  team: { id: 'team_id', name: 'team' },
  api_key: { id: 'api_key', name: 'api_key_alias' },
  model: { id: 'model', name: 'model' },
}

/** `null` where the period before is not known. */
export function whyOf(sheet: Sheet, measure: WhyMeasure, split: WhySplit, most = MOST_PARTS): Why | null {
  if (sheet.compare?.complete !== true) return null
  const groups = new Map<string, { name: string | null; rows: SheetRow[] }>()
  const cut: SheetRow[] = []
  for (const row of rowsOf(sheet)) {
    if (isRest(sheet, row)) cut.push(row)
    else {
      const id = row.text(NAMES[split].id) ?? ''
      const group = groups.get(id) ?? { name: row.text(NAMES[split].name), rows: [] }
      group.rows.push(row)
      groups.set(id, group)
    }
  }
  const changed = [...groups]
    .map(([id, { name, rows }]): Part => ({ id, name, ...amountsOf(rows, measure) }))
    .filter((part) => part.by.units !== 0n)
    .sort((a, b) => Math.abs(numberOf(b.by)) - Math.abs(numberOf(a.by)) || (a.id < b.id ? -1 : 1))
  // A rest of one would be a name less for no room gained.
  const told = changed.length + cut.length > most + 1 ? changed.slice(0, most) : changed
  const others: Amounts[] = [...changed.slice(told.length), ...cut.map((row) => amountsOf([row], measure))]
  const count = changed.length - told.length + (cut.length > 0 ? (sheet.others ?? 0) : 0)
  return {
    ...amountsOf(rowsOf(sheet), measure),
    parts: told,
    rest: others.length === 0 ? null : { ...added(others), count },
  }
}

/** What the API itself put together, where there were more rows than anybody asked for. */
function isRest(sheet: Sheet, row: SheetRow): boolean {
  return sheet.others != null && row.text('team') === 'Others' && row.text('team_id') === null
}

function amountsOf(rows: readonly SheetRow[], measure: WhyMeasure): Amounts {
  const of = (column: string): Decimal => sum(rows.map((row) => decimalOf(row.number(column) ?? 0)))
  const [before, now] = [of(`previous_${measure}`), of(measure)]
  return { before, now, by: minus(now, before) }
}

function added(all: readonly Amounts[]): Amounts {
  return {
    before: sum(all.map(({ before }) => before)),
    now: sum(all.map(({ now }) => now)),
    by: sum(all.map(({ by }) => by)),
  }
}

/** Whether the parts make up the whole: they do, or nothing may be shown. */
export function addsUp({ by, parts, rest }: Why): boolean {
  return isSame(by, sum([...parts.map((part) => part.by), ...(rest ? [rest.by] : [])]))
}

export interface Told {
  kind: 'same' | 'one' | 'two' | 'oneBut' | 'twoBut'
  first?: Part
  second?: Part
  other?: Part
}

/** One name is enough if it explains so much of what went the way of the change. */
const MOST_OF_IT = 0.8
/** What went the other way is worth a word from here on. */
const WORTH_A_WORD = 0.2

/** Whom the sentence names. */
export function toldOf(why: Why): Told {
  const change = numberOf(why.by)
  const share = (part: Part | undefined): number => (part ? numberOf(part.by) / change : 0)
  const [first, second] = why.parts.filter((part) => share(part) > 0)
  if (change === 0 || !first) return { kind: 'same' }
  const other = why.parts.find((part) => share(part) <= -WORTH_A_WORD)
  const along = why.parts.reduce((all, part) => all + Math.max(0, share(part)), 0)
  const isOne = !second || share(first) >= MOST_OF_IT * along || share(second) < share(first) / 4
  if (isOne) return other ? { kind: 'oneBut', first, other } : { kind: 'one', first }
  return other ? { kind: 'twoBut', first, second, other } : { kind: 'two', first, second }
}

export interface Step {
  /** Where it begins and ends, as shares of the picture's width. */
  from: number
  to: number
  grows: boolean
}

/** The steps from before to now, one behind the other, and where before and now stand. */
export function stepsOf(why: Why): { steps: Step[]; before: number; now: number } {
  const by = [...why.parts.map((part) => part.by), ...(why.rest ? [why.rest.by] : [])].map(numberOf)
  const heights = [numberOf(why.before)]
  for (const one of by) heights.push((heights.at(-1) ?? 0) + one)
  const [low, high] = [Math.min(...heights), Math.max(...heights)]
  const at = (value: number): number => (high === low ? 0 : (value - low) / (high - low))
  const steps = by.map((one, place): Step => {
    const [begin, end] = [at(heights[place] ?? 0), at(heights[place + 1] ?? 0)]
    return { from: Math.min(begin, end), to: Math.max(begin, end), grows: one > 0 }
  })
  return { steps, before: at(heights[0] ?? 0), now: at(heights.at(-1) ?? 0) }
}
