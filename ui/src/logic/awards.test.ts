import { describe, expect, it } from 'vitest'
import { awardsOf, type Award } from './awards'
import type { BoardTeam, Measures } from './board'
import { QUARTER_MS, type Replay } from './replay'

const START = Date.parse('2026-11-24T20:00:00Z')

function team(id: string, tokens: number, more: Partial<Measures> = {}): BoardTeam {
  const requests = more.requests ?? 100
  const failed = more.failed_requests ?? 0
  return {
    team_id: id,
    name: id.toUpperCase(),
    deleted: false,
    tokens,
    requests,
    successful_requests: requests - failed,
    failed_requests: failed,
    spend_usd: tokens / 1_000,
    previous: null,
    trend: [],
    ...more,
  }
}

/** Tokens by quarter hour, from eight in the evening. */
function replay(courses: Record<string, number[]>, more: Partial<Replay> = {}): Replay {
  const many = Math.max(...Object.values(courses).map((values) => values.length))
  const cumulated = (values: number[]): Float64Array => {
    let sum = 0
    return Float64Array.from([0, ...values.map((value) => (sum += value))])
  }
  return {
    start: START,
    end: START + many * QUARTER_MS,
    quarters: Array.from({ length: many }, (_, place) => ({
      start: START + place * QUARTER_MS,
      tokens: Object.values(courses).reduce((sum, values) => sum + (values[place] ?? 0), 0),
      known: 1,
    })),
    courses: Object.entries(courses).map(([id, values]) => {
      const sums = cumulated(values)
      return {
        id,
        name: id.toUpperCase(),
        deleted: false,
        sums: { tokens: sums, requests: sums, successful_requests: sums, failed_requests: sums, spend_usd: sums },
      }
    }),
    adrift: 0,
    ...more,
  }
}

const given = (
  kind: Award['kind'],
  teams: BoardTeam[],
  course: Replay | null = null,
  zone = 'UTC',
): [string, number] | undefined => {
  const award = awardsOf(teams, course, zone).find((one) => one.kind === kind)
  return award && [award.winners.map((winner) => winner.name).join('+'), award.value]
}

describe('awards of the board', () => {
  it('go to who has most, cheapest and most reliable, with the figure they stand for', () => {
    const teams = [
      team('a', 5_000, { failed_requests: 1 }),
      team('b', 4_000, { spend_usd: 2 }),
      team('c', 3_000, { failed_requests: 3 }),
    ]
    expect(given('tokens', teams)).toEqual(['A', 5_000])
    expect(given('price', teams)).toEqual(['B', 500])
    expect(given('success', teams)).toEqual(['B', 100])
  })

  it('are shared by who has the same', () => {
    const teams = [team('a', 5), team('b', 5), team('c', 3, { failed_requests: 1 })]
    expect(given('tokens', teams)).toEqual(['A+B', 5])
    expect(given('success', teams)).toEqual(['A+B', 100])
  })

  it('are not given for what everybody has, nor to one who is alone', () => {
    expect(given('success', [team('a', 5), team('b', 4)])).toBeUndefined()
    expect(given('tokens', [team('a', 5), team('b', 0)])).toBeUndefined()
  })

  it('need requests enough, and a price that was charged', () => {
    const teams = [
      team('lucky', 10, { requests: 19, spend_usd: 0.000_1 }),
      team('free', 5_000, { spend_usd: 0, failed_requests: 9 }),
      team('a', 4_000, { failed_requests: 2 }),
      team('b', 3_000, { failed_requests: 1, spend_usd: 6 }),
    ]
    expect(given('success', teams)).toEqual(['B', 99])
    expect(given('price', teams)?.[0]).toBe('A')
  })

  it('are not for teams that are gone', () => {
    expect(given('tokens', [{ ...team('gone', 9), deleted: true }, team('a', 5), team('b', 4)])).toEqual(['A', 5])
  })
})

describe('awards of quarter hours', () => {
  const teams = [team('a', 1), team('b', 1), team('c', 1)]
  const eight = (value: number): number[] => Array.from({ length: 8 }, () => value)

  it('go to who climbed most in the second half', () => {
    const course = replay({ a: [9, 1, 1, 1], b: [8, 1, 1, 1], c: [1, 1, 5, 50] })
    const award = awardsOf(teams, course, 'UTC').find((one) => one.kind === 'climb')
    expect(award).toMatchObject({ winners: [{ id: 'c' }], value: 2, since: START + 2 * QUARTER_MS })
    expect(given('climb', teams, replay({ a: [9, 1, 1, 1], b: [8, 1, 1, 1], c: [1, 1, 1, 1] }))).toBeUndefined()
  })

  it('go to who was steadiest, from their first quarter hour on', () => {
    const swaying = [0, ...eight(5).map((value, place) => value + (place % 2))]
    const burst = [0, 80, ...eight(0).slice(1)]
    expect(given('steady', teams, replay({ a: [0, ...eight(10)], b: swaying, c: burst }))).toEqual(['A', 0])
    expect(given('steady', teams, replay({ a: [0, ...eight(10)], b: burst, c: burst }))).toBeUndefined()
    expect(given('steady', teams, replay({ a: [1, 1, 1], b: [1, 2, 3] }))).toBeUndefined()
  })

  it('go to who used most between ten and six by the clock of the zone', () => {
    // From eight to half past ten in UTC, and an hour later in Berlin.
    const course = replay({ a: [9, 9, 9, 9, 9, 9, 9, 9, 1, 1], b: [0, 0, 0, 0, 0, 0, 0, 0, 4, 4] })
    expect(given('night', teams, course)).toEqual(['B', 8])
    expect(given('night', teams, course, 'Europe/Berlin')).toEqual(['A', 38])
    expect(given('night', teams, replay({ a: [9], b: [8] }))).toBeUndefined()
  })

  it('are not given where hours are not known', () => {
    const course = replay({ a: [9, 1, 1, 1], b: [8, 1, 1, 1], c: [1, 1, 5, 50] })
    const [first, ...others] = course.quarters
    if (!first) throw new Error('there are quarters')
    expect(given('climb', teams, course)).toBeDefined()
    expect(given('climb', teams, { ...course, adrift: 50 })).toBeUndefined()
    expect(given('climb', teams, { ...course, quarters: [{ ...first, known: 0.5 }, ...others] })).toBeUndefined()
    expect(given('climb', teams, null)).toBeUndefined()
  })
})
