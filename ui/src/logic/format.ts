/** Numbers, money and moments as people of the viewer's locale write them. Nothing here rounds what is computed with. */

import type { Measure } from './rank'

let locale = 'en'
const formatters = new Map<string, Intl.NumberFormat>()

export function setLocale(name: string): void {
  locale = name
  formatters.clear()
}

export function currentLocale(): string {
  return locale
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
  value < 10_000 ? count(value) : number('compact', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)

export const percent = (share: number, digits = 1): string =>
  number(`percent${digits}`, { style: 'percent', maximumFractionDigits: digits }).format(share)

/** Sums of money; those of some cents with more digits, as two would make them zero. */
export const usd = (value: number): string => money(value, 0.1)

/** Prices per 1,000 tokens are fractions of cents, and differ in the third digit. */
export const price = (value: number): string => money(value, 10)

function money(value: number, smallBelow: number): string {
  const small = Math.abs(value) < smallBelow && value !== 0
  return number(small ? 'usdSmall' : 'usd', {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    ...(small ? { maximumSignificantDigits: 3, minimumSignificantDigits: 2 } : { maximumFractionDigits: 2 }),
  }).format(value)
}

export function byMeasure(measure: Measure, value: number): string {
  if (measure === 'spend_usd') return usd(value)
  if (measure === 'usd_per_1k_tokens') return price(value)
  return measure === 'success_rate' ? percent(value / 100, 2) : count(value)
}

export function compactByMeasure(measure: Measure, value: number): string {
  return measure === 'tokens' || measure === 'requests' ? compact(value) : byMeasure(measure, value)
}

export function change(now: number, before: number): string | null {
  if (before <= 0) return null
  return number('change', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(
    now / before - 1,
  )
}

export function date(day: string, options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(Date.parse(`${day}T12:00:00Z`))
}

export function time(at: number | string, zone: string, seconds = false): string {
  const moment = new Date(at)
  if (Number.isNaN(moment.getTime())) return ''
  const options: Intl.DateTimeFormatOptions = { timeZone: zone, hour: '2-digit', minute: '2-digit' }
  if (seconds) options.second = '2-digit'
  return new Intl.DateTimeFormat(locale, options).format(moment)
}

export function moment(at: number | string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(at),
  )
}

export function daysText(start: string, end: string): string {
  if (start === end) return date(start, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  const at = (day: string): number => Date.parse(`${day}T12:00:00Z`)
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'medium' }).formatRange(at(start), at(end))
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

export function weekday(number1to7: number, style: 'short' | 'long' = 'short'): string {
  // 2024-01-01 was a Monday.
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: style }).format(Date.UTC(2024, 0, number1to7, 12))
}
