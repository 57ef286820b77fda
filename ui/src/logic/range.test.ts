import { describe, expect, it } from 'vitest'
import { before, bucketCount, grainsFor, naturalGrain, resolve, stepped, type Preset } from './range'

const now = Date.parse('2026-11-24T23:30:00Z')
const of = (preset: Preset, zone = 'UTC') => resolve({ preset }, now, zone)

describe('ranges', () => {
  it('resolves presets in the zone of the viewer', () => {
    expect(of('today')).toEqual({ start: '2026-11-24', end: '2026-11-24' })
    expect(of('today', 'Europe/Berlin')).toEqual({ start: '2026-11-25', end: '2026-11-25' })
    expect(of('yesterday')).toEqual({ start: '2026-11-23', end: '2026-11-23' })
    expect(of('week')).toEqual({ start: '2026-11-18', end: '2026-11-24' })
    expect(of('thirty')).toEqual({ start: '2026-10-26', end: '2026-11-24' })
    expect(of('month')).toEqual({ start: '2026-11-01', end: '2026-11-24' })
    expect(of('year')).toEqual({ start: '2026-01-01', end: '2026-11-24' })
  })

  it('takes as the period before the same number of days right before', () => {
    expect(before({ start: '2026-11-18', end: '2026-11-24' })).toEqual({ start: '2026-11-11', end: '2026-11-17' })
  })

  it('steps by its own length, and not into the future', () => {
    const week = { start: '2026-11-18', end: '2026-11-24' }
    expect(stepped(week, -1, '2026-11-24')).toEqual({ start: '2026-11-11', end: '2026-11-17' })
    expect(stepped(week, 1, '2026-11-24')).toBeNull()
  })

  it('becomes a moving preset again where it steps onto today or yesterday', () => {
    expect(stepped({ start: '2026-11-23', end: '2026-11-23' }, 1, '2026-11-24')).toEqual({ preset: 'today' })
    expect(stepped({ start: '2026-11-24', end: '2026-11-24' }, -1, '2026-11-24')).toEqual({ preset: 'yesterday' })
  })

  it('offers no grain that would make more bars than one can see, but always one', () => {
    expect(grainsFor({ start: '2026-11-24', end: '2026-11-24' })).toEqual(['15m', '1h', '1d', '1w'])
    expect(grainsFor({ start: '2026-01-01', end: '2026-12-31' })).toEqual(['1d', '1w'])
    const decades = { start: '2000-01-01', end: '2026-12-31' }
    expect(grainsFor(decades)).toContain(naturalGrain(decades))
    expect(bucketCount({ start: '2026-11-18', end: '2026-11-24' }, '15m')).toBe(672)
  })
})
