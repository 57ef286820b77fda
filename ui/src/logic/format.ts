/** Numbers, money and moments as people of the viewer's locale write them. Nothing here rounds what is computed with. */

import type { Measure } from './rank'

let locale = 'en'
/** Whether the clock has twelve hours: as the viewer's region has it, whatever language the page speaks. */
let hour12 = hasTwelveHours('en')
/** What percentage points are called. */
let pointsUnit = 'pp'
const formatters = new Map<string, Intl.NumberFormat>()

/** `region` is the locale whose clock is shown. */
export function setLocale(name: string, region = name, points = 'pp'): void {
  locale = name
  pointsUnit = points
  hour12 = hasTwelveHours(region)
  formatters.clear()
}

export function currentLocale(): string {
  return locale
}

function hasTwelveHours(region: string): boolean {
  return new Intl.DateTimeFormat(region, { hour: 'numeric' }).resolvedOptions().hour12 ?? false
}

/** Options for a moment with its time of day. */
export function clock(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions {
  return hour12 ? { ...options, hour12 } : { ...options, hourCycle: 'h23' }
}

function number(key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, options)
  formatters.set(key, made)
  return made
}

export const count = (value: number): string => number('count', { maximumFractionDigits: 0 }).format(value)

export const compact = (value: number): string =>
  value < 10_000
    ? count(value)
    : number('compact', { notation: 'compact', minimumSignificantDigits: 3, maximumSignificantDigits: 3 }).format(value)

/** For axes, whose ticks are round numbers. */
export const tick = (value: number): string =>
  Math.abs(value) < 10_000
    ? number('tick', { maximumSignificantDigits: 3 }).format(value)
    : number('tickCompact', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)

export const percent = (share: number, digits = 1): string =>
  number(`percent${digits}`, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share)

/** Sums of money; those of some cents with more digits, as two would make them zero. */
export const usd = (value: number): string => money(value, 0.1)

/** Prices per 1,000 tokens are fractions of cents, and differ in the third digit. */
export const price = (value: number): string => money(value, 10)

function money(value: number, smallBelow: number): string {
  const small = Math.abs(value) < smallBelow && value !== 0
  const format = number(small ? 'usdSmall' : 'usd', {
    ...USD,
    minimumFractionDigits: 2,
    ...(small ? { maximumSignificantDigits: 3, minimumSignificantDigits: 2 } : { maximumFractionDigits: 2 }),
  })
  return together(format.format(value))
}

const USD = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const

/** Arabic writes the currency in Latin letters: "US$" must not be torn apart by a line from right to left. */
function together(money: string): string {
  return money.startsWith('\u200f') ? `\u2066${money.slice(1)}\u2069` : money
}

export function byMeasure(measure: Measure, value: number): string {
  if (measure === 'spend_usd') return usd(value)
  if (measure === 'usd_per_1k_tokens') return price(value)
  if (measure === 'success_rate') return percent(value / 100, 2)
  // Sums are whole; small scores are told apart by a digit more.
  return Number.isInteger(value) || value >= 1_000 ? count(value) : number('tenths', TENTHS).format(value)
}

const TENTHS = { minimumFractionDigits: 1, maximumFractionDigits: 1 }

/** What stands in the place of a figure that is not shown. */
export const NOT_SHOWN = '–'

/** Writes the values of one column with one precision: enough for two digits of the smallest. */
export function inColumn(measure: Measure, values: Iterable<number | null>): (value: number | null) => string {
  const write = shownInColumn(
    measure,
    [...values].flatMap((value) => value ?? []),
  )
  return (value) => (value === null ? NOT_SHOWN : write(value))
}

function shownInColumn(measure: Measure, values: readonly number[]): (value: number) => string {
  if (measure !== 'spend_usd' && measure !== 'usd_per_1k_tokens') return (value) => byMeasure(measure, value)
  const amounts = values.map(Math.abs).filter((value) => value > 0)
  const digits = measure === 'spend_usd' ? centsOf(Math.max(...amounts, 0)) : centsOf(Math.min(...amounts, 1))
  const format = number(`usd${digits}`, {
    ...USD,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const least = 10 ** -digits
  // What rounds to nothing is still something.
  return (value) => together(value > 0 && value < least / 2 ? `< ${format.format(least)}` : format.format(value))
}

/** Digits after the point that show two digits of a value; two at least, six at most. */
function centsOf(value: number): number {
  return value > 0 ? Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(value)))) : 2
}

export function compactByMeasure(measure: Measure, value: number): string {
  return (measure === 'tokens' || measure === 'requests') && value >= 1_000 ? compact(value) : byMeasure(measure, value)
}

export function change(now: number, before: number): string | null {
  if (before <= 0) return null
  return number('change', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(
    now / before - 1,
  )
}

/** What was added or taken away. */
export function signed(unit: 'usd' | 'count', value: number): string {
  const sign = { signDisplay: 'exceptZero' } as const
  if (unit === 'usd')
    return together(
      number(`signedUsd${centsOf(Math.abs(value))}`, {
        ...USD,
        ...sign,
        maximumFractionDigits: centsOf(Math.abs(value)),
      }).format(value),
    )
  if (Math.abs(value) < 10_000) return number('signed', { ...sign, maximumFractionDigits: 0 }).format(value)
  const digits = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }
  return number('signedCompact', { ...sign, ...digits, notation: 'compact' }).format(value)
}

/** How a measure moved: rates in percentage points, everything else in percent of what it was. */
export function changeOf(measure: Measure, now: number, before: number): string | null {
  if (measure !== 'success_rate') return change(now, before)
  const points = number('points', { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  return `${points.format(now - before)}\u00a0${pointsUnit}`
}

export function date(day: string, options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(Date.parse(`${day}T12:00:00Z`))
}

export function time(at: number | string, zone: string, seconds = false): string {
  const moment = new Date(at)
  if (Number.isNaN(moment.getTime())) return ''
  const options = clock({ timeZone: zone, hour: hour12 ? 'numeric' : '2-digit', minute: '2-digit' })
  if (seconds) options.second = '2-digit'
  return new Intl.DateTimeFormat(locale, options).format(moment)
}

export function moment(at: number | string, zone: string): string {
  const options = clock({ timeZone: zone, dateStyle: 'medium', timeStyle: 'short' })
  return new Intl.DateTimeFormat(locale, options).format(new Date(at))
}

export function daysText(start: string, end: string): string {
  if (start === end) return date(start, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  const at = (day: string): number => Date.parse(`${day}T12:00:00Z`)
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'medium' }).formatRange(at(start), at(end))
}

/** Names one after the other, as they are listed in a sentence. */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names)
}

/** "3 seconds ago", in steps that do not flicker. */
export function ago(ageMs: number): string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const seconds = Math.max(0, Math.round(ageMs / 1000))
  if (seconds < 60) return relative.format(-seconds, 'second')
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), 'minute')
  return seconds < 86_400
    ? relative.format(-Math.round(seconds / 3600), 'hour')
    : relative.format(-Math.round(seconds / 86_400), 'day')
}

/** "3s", "17 min", "2 hr": how long something lasts, in the largest unit that says something. */
export function age(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000))
  const [value, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3600
        ? [Math.round(seconds / 60), 'minute']
        : seconds < 86_400
          ? [Math.round(seconds / 3600), 'hour']
          : [Math.round(seconds / 86_400), 'day']
  return number(`age${unit}`, { style: 'unit', unit, unitDisplay: unit === 'day' ? 'long' : 'short' }).format(value)
}

export function weekday(number1to7: number, style: 'short' | 'long' = 'short'): string {
  // 2024-01-01 was a Monday.
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: style }).format(Date.UTC(2024, 0, number1to7, 12))
}

/** An hour of the clock, as the viewer's clock shows it. */
export function hourText(hour: number): string {
  return new Intl.DateTimeFormat(locale, clock({ timeZone: 'UTC', hour: 'numeric' })).format(Date.UTC(2024, 0, 1, hour))
}

const milliseconds = (value: number): string =>
  number('ms', { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumSignificantDigits: 3 }).format(value)

const tickUsd = (value: number): string => {
  const small = Math.abs(value) < 10_000
  const notation = small ? {} : ({ notation: 'compact' } as const)
  return together(
    number(small ? 'tickUsd' : 'tickUsdCompact', { ...USD, maximumSignificantDigits: 3, ...notation }).format(value),
  )
}

/** How values of a unit are written where there is little room. */
export function byUnit(unit: 'tokens' | 'requests' | 'usd' | 'percent' | 'ms'): (value: number) => string {
  if (unit === 'usd') return usd
  if (unit === 'percent') return (value) => percent(value / 100)
  return unit === 'ms' ? (value) => milliseconds(Math.round(value)) : compact
}

/** The same for axes, whose values are round. */
export function tickOf(unit: 'tokens' | 'requests' | 'usd' | 'percent' | 'ms'): (value: number) => string {
  if (unit === 'percent') return (value) => percent(value / 100, 0)
  if (unit === 'usd') return tickUsd
  return unit === 'ms' ? milliseconds : tick
}
