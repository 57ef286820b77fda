import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { bestOf, bests, isRound, pastOf, streakOf, streaks } from './past'

type State = Sheet['buckets'][number]['state']
const day = (index: number): string => `2026-11-${String(index + 1).padStart(2, '0')}T00:00:00Z`

/** Days from 1 November; `null` is a bucket that nobody knows. The last is the one that runs. */
function sheet(
  teams: Record<string, number[]>,
  unknown: number[] = [],
  coverage: number | null = null,
  grain = '1d',
): Sheet {
  const many = Math.max(...Object.values(teams).map((values) => values.length))
  const state = (index: number): State => (unknown.includes(index) ? 'unknown' : 'complete')
  return {
    grain,
    columns: ['bucket', 'team', 'team_id', 'tokens'].map((name) => ({ name })),
    buckets: Array.from({ length: many }, (_, index) => ({
      name: day(index),
      start: day(index),
      state: state(index),
      coverage,
    })),
    rows: Object.entries(teams).flatMap(([id, values]) =>
      values.flatMap((value, index) => (value > 0 ? [[day(index), id, id, value]] : [])),
    ),
  } as unknown as Sheet
}

const now = (days: number): number => Date.parse(day(days - 1)) + 3_600_000
const past = (values: number[], unknown: number[] = []) => {
  const of = pastOf(sheet({ a: values }, unknown), now(values.length))
  if (!of) throw new Error('nothing is known')
  return of
}
const NAMES = new Map([['a', 'A']])

describe('the best so far', () => {
  it('is the day that runs once it has more than every other', () => {
    expect(bestOf(past([4, 9, 5, 10]), 'a')).toEqual({ value: 10, bucket: null })
    expect(bests(past([4, 9, 5, 10]), 'bestDay', NAMES, 'today')).toMatchObject([
      { kind: 'bestDay', name: 'A', value: 10, of: 3 },
    ])
  })

  it('is another day else, and as much as it is not more', () => {
    expect(bestOf(past([4, 9, 5, 8]), 'a')).toEqual({ value: 9, bucket: day(1) })
    expect(bests(past([4, 9, 5, 9]), 'bestDay', NAMES, 'today')).toEqual([])
  })

  it('is compared with the days since anybody used anything', () => {
    expect(bests(past([0, 0, 4, 9, 5, 10]), 'bestDay', NAMES, 'today')).toMatchObject([{ value: 10, of: 3 }])
    const of = pastOf(sheet({ a: [0, 0, 4, 0, 5, 3, 10], b: [0, 1] }), now(7))
    expect(of && bests(of, 'bestDay', NAMES, 'today')).toMatchObject([{ value: 10, of: 5 }])
  })

  it('is not spoken of after a day or two', () => {
    expect(bestOf(past([0, 4, 9, 10]), 'a')).toBeNull()
    expect(bestOf(past([1, 2, 3, 4]), 'nobody')).toBeNull()
  })

  it('is told only of days that are known without a gap', () => {
    const known = past([50, 1, 2, 3, 4, 5], [1])
    expect(known.before.length).toBe(3)
    expect(bests(known, 'bestDay', NAMES, 'today')).toMatchObject([{ value: 5, of: 3 }])
  })

  it('needs hours of which nearly everything is known; days are known whole', () => {
    const values = { a: [1, 2, 3, 4] }
    expect(pastOf(sheet(values, [], 0.9, '1h'), now(4))).toBeNull()
    expect(pastOf(sheet(values, [], 0.995, '1h'), now(4))).not.toBeNull()
    expect(pastOf(sheet(values, [], 0.9, '1d'), now(4))).not.toBeNull()
  })

  it('does not count buckets that have not begun', () => {
    expect(pastOf(sheet({ a: [1, 2, 3, 0, 0] }), now(3))?.before.length).toBe(2)
  })
})

describe('days in a row', () => {
  it('end with today, or with yesterday while today is young', () => {
    expect(streakOf(past([5, 0, 1, 1, 1]), 'a')).toEqual({ days: 3, orMore: false })
    expect(streakOf(past([5, 0, 1, 1, 0]), 'a')).toEqual({ days: 2, orMore: false })
    expect(streakOf(past([5, 5, 0, 0]), 'a')).toEqual({ days: 0, orMore: false })
  })

  it('may be more where nothing older is known', () => {
    expect(streakOf(past([1, 1, 1]), 'a')).toEqual({ days: 3, orMore: true })
    expect(streakOf(past([9, 9, 1, 1, 1], [1]), 'a')).toEqual({ days: 3, orMore: true })
  })

  it('are told at round numbers, on the day they are reached', () => {
    expect([2, 3, 4, 5, 7, 8, 10, 14, 20, 60, 61].filter(isRound)).toEqual([3, 5, 7, 10, 14, 20, 60])
    expect(streaks(past([0, 1, 1, 1]), NAMES, 'today')).toMatchObject([{ kind: 'streak', days: 3 }])
    expect(streaks(past([0, 1, 1, 1, 0]), NAMES, 'today')).toEqual([])
  })
})
