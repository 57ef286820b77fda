import { describe, expect, it } from 'vitest'
import { addDays } from './days'
import { forecast, lastOfMonth, review, type DaySpend } from './forecast'

/** Spend of so many days up to one. */
function spend(last: string, many: number, usd: (day: string) => number): DaySpend[] {
  return Array.from({ length: many }, (_, ago) => addDays(last, -ago)).map((day) => ({ day, usd: usd(day) }))
}
const isWeekend = (day: string): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay())

describe('the forecast', () => {
  it('knows how long months are', () => {
    expect(['2026-11-03', '2026-12-31', '2028-02-01', '2026-02-28'].map(lastOfMonth)).toEqual([
      '2026-11-30',
      '2026-12-31',
      '2028-02-29',
      '2026-02-28',
    ])
  })

  it('adds to what was spent what each weekday that is left costs, without doubt where nothing varied', () => {
    const made = forecast(
      spend('2026-11-20', 60, (day) => (isWeekend(day) ? 1 : 10)),
      '2026-11-20',
    )
    // Until the 20th (a Friday) 15 weekdays and 5 days of weekends; then 6 and 4.
    expect(made?.spent).toBe(155)
    expect(made?.expected).toBe(155 + 64)
    expect([made?.low, made?.high]).toEqual([made?.expected, made?.expected])
    expect(made?.days).toHaveLength(10)
  })

  it('has a range that grows with the days that are left, and never lies below what was spent', () => {
    const made = forecast(
      spend('2026-11-10', 60, (day) => (Number(day.slice(-2)) % 2 ? 0 : 100)),
      '2026-11-10',
    )
    const widths = made?.days.map(({ low, high }) => high - low) ?? []
    expect(widths).toEqual(widths.toSorted((a, b) => a - b))
    expect(made?.days.every(({ low }) => low >= made.spent)).toBe(true)
  })

  it('is none where too little is known', () => {
    expect(
      forecast(
        spend('2026-11-20', 10, () => 1),
        '2026-11-20',
      ),
    ).toBeNull()
    const gap = spend('2026-11-20', 60, () => 1).filter(({ day }) => day !== '2026-11-05')
    expect(forecast(gap, '2026-11-20')).toBeNull()
  })

  it('learns nothing from the days before anything was used', () => {
    const days = spend('2026-11-20', 60, (day) => (day < '2026-11-03' ? 0 : 10))
    expect(forecast(days, '2026-11-20')).toMatchObject({ spent: 180, expected: 280, low: 280 })
    expect(review(days, '2026-11-20')).toBeNull()
  })

  it('on the last day of a month is what was spent', () => {
    const made = forecast(
      spend('2026-11-30', 60, () => 2),
      '2026-11-30',
    )
    expect(made).toMatchObject({ spent: 60, expected: 60, low: 60, high: 60, days: [] })
  })
})

describe('how the forecast did', () => {
  it('is told of the month before, as far into it', () => {
    // October became dearer in its last week, which nobody could know on the 20th.
    const days = spend('2026-11-20', 90, (day) => (day >= '2026-10-25' && day <= '2026-10-31' ? 20 : 10))
    const done = review(days, '2026-11-20')
    expect(done?.made.asOf).toBe('2026-10-20')
    expect(done?.actual).toBe(24 * 10 + 7 * 20)
    expect(done?.made.expected).toBe(310)
    expect(done?.error).toBeCloseTo(310 / 380 - 1)
    expect(done?.isWithin).toBe(false)
  })

  it('takes the last day of a shorter month', () => {
    const done = review(
      spend('2027-03-31', 90, () => 1),
      '2027-03-31',
    )
    expect(done).toMatchObject({ actual: 28, error: 0, isWithin: true })
  })

  it('is not told where that month is not known', () => {
    expect(
      review(
        spend('2026-11-20', 40, () => 1),
        '2026-11-20',
      ),
    ).toBeNull()
  })
})
