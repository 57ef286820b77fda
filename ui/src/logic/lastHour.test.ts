import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { SUMS, type Board } from './board'
import { boardAt, hourAgo, risesBetween } from './lastHour'
import { ranking } from './rank'

const at = (time: string): number => Date.parse(`2026-11-24T${time}:00Z`)
const sums = (n: number) => ({ tokens: n, requests: n, successful_requests: n, failed_requests: 0, spend_usd: n })
const board = (version: number, tokens: Record<string, number>): Board =>
  ({
    teams: Object.entries(tokens).map(([id, n]) => ({
      team_id: id,
      name: id,
      deleted: false,
      ...sums(n),
      previous: null,
      trend: [],
    })),
    totals: { ...sums(0), previous: null },
    meta: { data_version: version },
  }) as unknown as Board

/** Quarter hours from 15:45 to 17:30, of which the second and later are within the hour before 17:07. */
function sheet(rows: [string, string, number][], state = 'complete', coverage = 1): Sheet {
  const times = ['15:45', '16:00', '16:15', '16:30', '16:45', '17:00', '17:15']
  return {
    columns: ['bucket', 'team_id', ...SUMS].map((name) => ({ name })),
    buckets: times.map((time) => ({
      name: time,
      start: `2026-11-24T${time}:00Z`,
      state: time === '16:30' ? state : time === '17:15' ? 'unknown' : 'complete',
      coverage,
    })),
    rows: rows.map(([time, id, n]) => [time, id, ...Object.values(sums(n))]),
    meta: { data_version: 7 },
  } as unknown as Sheet
}

const NOW = at('17:07')
const SINCE = at('16:00')

describe('an hour ago', () => {
  it('is the end of a quarter hour, an hour to five quarters back', () => {
    expect(hourAgo(NOW)).toBe(SINCE)
    expect(hourAgo(at('17:00'))).toBe(SINCE)
    expect(hourAgo(at('16:59'))).toBe(at('15:45'))
  })

  it('had what was not used since', () => {
    const then = boardAt(
      board(7, { a: 10, b: 9 }),
      sheet([
        ['15:45', 'a', 1],
        ['16:00', 'a', 2],
        ['17:00', 'a', 3],
      ]),
      SINCE,
      NOW,
    )
    expect(then?.teams.map((team) => team.tokens)).toEqual([5, 9])
  })

  it('is not known from figures of two moments, nor where a quarter hour or its requests are missing', () => {
    const now = board(7, { a: 10 })
    expect(boardAt(board(8, { a: 10 }), sheet([]), SINCE, NOW)).toBeNull()
    expect(boardAt(now, sheet([], 'unknown'), SINCE, NOW)).toBeNull()
    expect(boardAt(now, sheet([], 'complete', 0.9), SINCE, NOW)).toBeNull()
    expect(boardAt(now, sheet([]), at('15:30'), at('16:37'))).toBeNull()
    expect(boardAt(now, sheet([]), SINCE, NOW)).not.toBeNull()
  })

  it('tells places by ranks then and now, of those who had one', () => {
    const now = board(7, { a: 10, b: 9, c: 8, late: 1 })
    const then = boardAt(
      now,
      sheet([
        ['16:30', 'a', 5],
        ['16:30', 'late', 1],
      ]),
      SINCE,
      NOW,
    )
    const rises = risesBetween(ranking(then?.teams ?? [], 'tokens'), ranking(now.teams, 'tokens'))
    expect([...rises]).toEqual([
      ['a', 2],
      ['b', -1],
      ['c', -1],
    ])
  })
})
