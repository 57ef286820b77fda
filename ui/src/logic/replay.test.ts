import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { SUMS } from './board'
import { setLocale } from './format'
import { ranking } from './rank'
import {
  clamped,
  exactAt,
  mostTeams,
  readMoment,
  readSpeed,
  replayOf,
  shifted,
  teamsAt,
  writeMoment,
  type Replay,
} from './replay'
import { dayMarks } from './replayMarks'

const START = Date.parse('2026-11-24T10:00:00Z')
const QUARTER = 900_000
const iso = (at: number): string => new Date(at).toISOString()
const sums = (n: number): number[] => [n, 2 * n, 2 * n, 0, n / 8]
type Row = [quarter: number | 'unknown_hour', id: string, tokens: number]

/** Four quarter hours from ten o'clock. */
function sheet(rows: Row[], more: Partial<Record<number, object>> = {}): Sheet {
  return {
    columns: ['bucket', 'team', 'team_id', ...SUMS].map((name) => ({ name })),
    buckets: [
      ...[0, 1, 2, 3].map((place) => ({
        name: String(place),
        start: iso(START + place * QUARTER),
        end: iso(START + (place + 1) * QUARTER),
        state: 'complete',
        coverage: 1,
        ...more[place],
      })),
      { name: 'unknown_hour', start: null, end: null, state: 'unknown_hour', coverage: 1 },
    ],
    rows: rows.map(([bucket, id, tokens]) => [String(bucket), id.toUpperCase(), id, ...sums(tokens)]),
    meta: { deleted_teams: [] },
  } as unknown as Sheet
}

function replay(of: Sheet, now = START + 4 * QUARTER): Replay {
  const made = replayOf(of, now)
  if (!made) throw new Error('there is something to play')
  return made
}
const tokensAt = (of: Replay, at: number): Record<string, number | null> =>
  Object.fromEntries(teamsAt(of, at).map((team) => [team.team_id, team.tokens]))

describe('a replay', () => {
  const race = replay(
    sheet([
      [0, 'a', 8],
      [1, 'b', 20],
      [3, 'a', 40],
      [3, 'b', 1],
    ]),
  )

  it('is exact at the end of every quarter hour', () => {
    expect([0, 1, 2, 3, 4].map((quarters) => tokensAt(race, START + quarters * QUARTER))).toEqual([
      { a: 0, b: 0 },
      { a: 8, b: 0 },
      { a: 8, b: 20 },
      { a: 8, b: 20 },
      { a: 48, b: 21 },
    ])
    expect(teamsAt(race, START + 4 * QUARTER).map((team) => [team.requests, team.spend_usd])).toEqual([
      [96, 6],
      [42, 2.625],
    ])
  })

  it('goes evenly from one end to the next', () => {
    expect(tokensAt(race, START + QUARTER / 4)).toEqual({ a: 2, b: 0 })
    expect(tokensAt(race, START + 3.5 * QUARTER)).toEqual({ a: 28, b: 20.5 })
  })

  it('ranks whoever had used something by then', () => {
    const order = (quarters: number): string[] =>
      ranking(teamsAt(race, START + quarters * QUARTER), 'tokens').ranked.map((row) => row.team.team_id)
    expect([0, 1, 2, 4].map(order)).toEqual([[], ['a'], ['b', 'a'], ['a', 'b']])
  })

  it('stands before its begin and after its end as it does there', () => {
    expect(tokensAt(race, 0)).toEqual({ a: 0, b: 0 })
    expect(tokensAt(race, START + 99 * QUARTER)).toEqual({ a: 48, b: 21 })
    expect(clamped(race, 0)).toBe(START)
    expect(exactAt(race, START + 1.99 * QUARTER)).toBe(START + QUARTER)
    expect(exactAt(race, START + 99 * QUARTER)).toBe(START + 4 * QUARTER)
  })

  it('ends with the last quarter hour that is over', () => {
    const running = replay(
      sheet([
        [0, 'a', 8],
        [1, 'a', 20],
      ]),
      START + 1.5 * QUARTER,
    )
    expect(running.end).toBe(START + QUARTER)
    expect(tokensAt(running, running.end)).toEqual({ a: 8 })
    expect(running.adrift).toBe(0)
    expect(replayOf(sheet([]), START + QUARTER - 1)).toBeNull()
  })

  it('says what is not known: quarter hours, and usage without an hour', () => {
    const doubtful = replay(
      sheet(
        [
          [0, 'a', 8],
          ['unknown_hour', 'a', 5],
          ['unknown_hour', 'b', 2],
        ],
        { 1: { state: 'unknown', coverage: null }, 2: { coverage: 0.4 } },
      ),
    )
    expect(doubtful.quarters.map((quarter) => quarter.known)).toEqual([1, 0, 0.4, 1])
    expect(doubtful.adrift).toBe(7)
    expect(tokensAt(doubtful, doubtful.end)).toEqual({ a: 8 })
  })
})

describe('a link to a moment', () => {
  it('has it to the minute, and anything else is none', () => {
    expect(readMoment(writeMoment(START))).toBe(START)
    for (const text of [null, '', 'now', '2026-11-24', '2026-13-41T10:00Z', '2026-11-24T10:00'])
      expect(readMoment(text)).toBeNull()
  })

  it('has one of the speeds', () => {
    expect(readSpeed('60')).toBe(60)
    expect([null, '0', '7', '60x'].map(readSpeed)).toEqual([600, 600, 600, 600])
    expect([shifted(600, 1), shifted(600, -1), shifted(1, -1)]).toEqual([600, 300, 1])
  })
})

describe('the size of a replay', () => {
  it('stays below what an answer holds', () => {
    for (const days of [1, 3, 14]) expect(mostTeams(days) * days * 97).toBeLessThanOrEqual(100_000)
    expect(mostTeams(14)).toBeGreaterThan(50)
  })
})

describe('what is written below the time', () => {
  const long = (hours: number): Replay => ({
    start: START,
    end: START + hours * 3_600_000,
    quarters: [],
    courses: [],
    adrift: 0,
  })

  it('is hours of a day and days of a week, few enough to be read, and in their place', () => {
    setLocale('en', 'en-GB')
    expect(dayMarks({ ...long(6) }, 'UTC').map((mark) => mark.text)).toEqual([
      '10:00',
      '11:00',
      '12:00',
      '13:00',
      '14:00',
      '15:00',
    ])
    expect(dayMarks(long(24), 'UTC').map((mark) => [mark.text, mark.along])).toContainEqual(['22:00', 0.5])
    const week = dayMarks(long(24 * 7), 'UTC')
    expect(week.map((mark) => mark.text).slice(0, 3)).toEqual(['24 Tue', '25 Wed', '26 Thu'])
    expect(week.length).toBeLessThanOrEqual(9)
    setLocale('en')
  })
})
