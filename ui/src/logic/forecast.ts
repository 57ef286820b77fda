/**
 * What a month will cost. Each day that is left is expected to cost what its weekday cost on average
 * in the four weeks before; the range is that of eight months in ten, by how much single days differed
 * from that. Simple on purpose: it can be checked by hand, and it says how well it did.
 */

import { addDays, lengthInDays, type Day } from './days'

/** Spend of a day that is over. */
export interface DaySpend {
  day: Day
  usd: number
}

export interface Forecast {
  /** The last day that was over when it was made. */
  asOf: Day
  /** What was spent in the month by then. */
  spent: number
  expected: number
  low: number
  high: number
  /** The way there: what is expected to be spent by the end of each day that was left. */
  days: { day: Day; expected: number; low: number; high: number }[]
}

const LEARN_DAYS = 28
/** Fewer days say nothing of weekdays. */
const LEAST_DAYS = 14
/** So many standard deviations to each side hold eight cases in ten. */
const EIGHT_IN_TEN = 1.2816

export function lastOfMonth(day: Day): Day {
  const [year = 0, month = 0] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}

const firstOfMonth = (day: Day): Day => `${day.slice(0, 8)}01`
const weekdayOf = (day: Day): number => new Date(`${day}T00:00:00Z`).getUTCDay()

/** `null` where too little is known: of the days to learn from, or of the month so far. */
export function forecast(spend: readonly DaySpend[], asOf: Day): Forecast | null {
  const usdOf = new Map(spend.map(({ day, usd }) => [day, usd]))
  // What was before anything was used says nothing of what comes.
  const begun = spend.reduce((first, { day, usd }) => (usd > 0 && day < first ? day : first), asOf)
  const since = (days: Day[]): Day[] => days.filter((day) => day >= begun)
  const learned = since(lastDays(asOf, LEARN_DAYS)).flatMap((day) => {
    const usd = usdOf.get(day)
    return usd === undefined ? [] : [{ day, usd }]
  })
  const month = since(daysBetween(firstOfMonth(asOf), asOf))
  if (learned.length < LEAST_DAYS || month.some((day) => !usdOf.has(day))) return null
  const mean = averages(learned)
  const spread = deviation(learned.map(({ day, usd }) => usd - mean(day)))
  const spent = month.reduce((sum, day) => sum + (usdOf.get(day) ?? 0), 0)
  let expected = spent
  const left = daysBetween(addDays(asOf, 1), lastOfMonth(asOf)).map((day, index) => {
    expected += mean(day)
    const range = EIGHT_IN_TEN * spread * Math.sqrt(index + 1)
    // What is spent is spent.
    return { day, expected, low: Math.max(spent, expected - range), high: expected + range }
  })
  const end = left.at(-1) ?? { expected: spent, low: spent, high: spent }
  return { asOf, spent, expected: end.expected, low: end.low, high: end.high, days: left }
}

export interface Review {
  made: Forecast
  actual: number
  /** By how much of what it came to be the forecast was off; above 0 is too much. */
  error: number
  /** Whether it came within the range. */
  isWithin: boolean
}

/** How the forecast of the month before did that was made as far into that month as this one is. */
export function review(spend: readonly DaySpend[], asOf: Day): Review | null {
  const last = addDays(firstOfMonth(asOf), -1)
  const into = lengthInDays(firstOfMonth(asOf), asOf)
  const before = addDays(firstOfMonth(last), Math.min(into, lengthInDays(firstOfMonth(last), last)) - 1)
  const made = forecast(spend, before)
  const usdOf = new Map(spend.map(({ day, usd }) => [day, usd]))
  const month = daysBetween(firstOfMonth(last), last)
  if (!made || month.some((day) => !usdOf.has(day))) return null
  const actual = month.reduce((sum, day) => sum + (usdOf.get(day) ?? 0), 0)
  if (actual <= 0) return null
  const isWithin = actual >= made.low && actual <= made.high
  return { made, actual, error: made.expected / actual - 1, isWithin }
}

function daysBetween(first: Day, last: Day): Day[] {
  return Array.from({ length: Math.max(0, lengthInDays(first, last)) }, (_, index) => addDays(first, index))
}

function lastDays(last: Day, many: number): Day[] {
  return daysBetween(addDays(last, 1 - many), last)
}

/** The average of each weekday; of all days where a weekday was not seen. */
function averages(learned: readonly DaySpend[]): (day: Day) => number {
  const all = average(learned.map(({ usd }) => usd))
  const of = Array.from({ length: 7 }, (_, weekday) => {
    const same = learned.filter(({ day }) => weekdayOf(day) === weekday)
    return same.length === 0 ? all : average(same.map(({ usd }) => usd))
  })
  return (day) => of[weekdayOf(day)] ?? all
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(residuals: readonly number[]): number {
  return Math.sqrt(average(residuals.map((one) => one * one)))
}
