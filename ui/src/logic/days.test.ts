import { describe, expect, it } from 'vitest'
import { addDays, dayIn, instantIn, isDay, isZone, lengthInDays } from './days'

describe('days', () => {
  it('knows real days from words and from days that do not exist', () => {
    expect(isDay('2026-02-28')).toBe(true)
    expect(isDay('2026-02-29')).toBe(false)
    expect(isDay('2028-02-29')).toBe(true)
    expect(isDay('2026-2-8')).toBe(false)
    expect(isDay('')).toBe(false)
  })

  it('gives the day of an instant in the zone, not in UTC', () => {
    const lateInBerlin = Date.parse('2026-11-24T23:30:00Z')
    expect(dayIn(lateInBerlin, 'UTC')).toBe('2026-11-24')
    expect(dayIn(lateInBerlin, 'Europe/Berlin')).toBe('2026-11-25')
    expect(dayIn(lateInBerlin, 'America/Los_Angeles')).toBe('2026-11-24')
  })

  it('adds days over months, leap days and clock changes', () => {
    expect(addDays('2026-01-31', 1)).toBe('2026-02-01')
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-03-29', -1)).toBe('2026-03-28')
    expect(lengthInDays('2026-03-28', '2026-03-30')).toBe(3)
  })

  it('finds the instant of a wall clock on both sides of a clock change', () => {
    expect(new Date(instantIn('2026-03-29', 1, 30, 'Europe/Berlin')).toISOString()).toBe('2026-03-29T00:30:00.000Z')
    expect(new Date(instantIn('2026-03-29', 3, 30, 'Europe/Berlin')).toISOString()).toBe('2026-03-29T01:30:00.000Z')
    expect(new Date(instantIn('2026-10-25', 12, 0, 'Europe/Berlin')).toISOString()).toBe('2026-10-25T11:00:00.000Z')
  })

  it('accepts only zones that exist', () => {
    expect(isZone('Asia/Kathmandu')).toBe(true)
    expect(isZone('Mars/Olympus')).toBe(false)
    expect(isZone('')).toBe(false)
  })
})
