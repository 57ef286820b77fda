import { describe, expect, it } from 'vitest'
import type { BoardTeam, Measures } from './board'
import { ranking, valueBy, type Measure } from './rank'

function sums(tokens: number, requests = tokens, failed = 0, spend = tokens / 1000): Measures {
  return { tokens, requests, successful_requests: requests - failed, failed_requests: failed, spend_usd: spend }
}

function team(name: string, now: Measures, before: Measures | null = null): BoardTeam {
  return { team_id: name, name, deleted: false, ...now, previous: before, trend: [] }
}

const order = (teams: BoardTeam[], by: Measure) =>
  ranking(teams, by).ranked.map((row) => `${row.rank} ${row.team.name}`)

describe('ranking', () => {
  it('puts most first, lets ties share a rank, and leaves out who has not started', () => {
    const teams = [
      team('a', sums(5)),
      team('idle', sums(0)),
      team('b', sums(9)),
      team('c', sums(5)),
      team('d', sums(1)),
    ]
    expect(order(teams, 'tokens')).toEqual(['1 b', '2 a', '2 c', '4 d'])
    expect(ranking(teams, 'tokens').waiting.map((one) => one.name)).toEqual(['idle'])
  })

  it('ranks the cheapest first by cost per 1k tokens, a price of nothing included', () => {
    const teams = [
      team('dear', sums(1000, 1, 0, 5)),
      team('cheap', sums(1000, 1, 0, 1)),
      team('free', sums(1000, 1, 0, 0)),
    ]
    expect(order(teams, 'usd_per_1k_tokens')).toEqual(['1 free', '2 cheap', '3 dear'])
  })

  it('has no success rate without requests, and no price without tokens', () => {
    expect(valueBy(sums(0), 'success_rate')).toBeNull()
    expect(valueBy(sums(0), 'usd_per_1k_tokens')).toBeNull()
    expect(valueBy(sums(10, 10, 10), 'success_rate')).toBe(0)
  })

  it('tells rises, falls, newcomers and those who stayed', () => {
    const teams = [
      team('up', sums(9), sums(1)),
      team('down', sums(5), sums(8)),
      team('same', sums(2), sums(0.5)),
      team('new', sums(1), sums(0)),
    ]
    const moves = ranking(teams, 'tokens').ranked.map((row) => row.movement)
    expect(moves).toEqual([{ kind: 'up', places: 1 }, { kind: 'down', places: 1 }, { kind: 'same' }, { kind: 'new' }])
  })

  it('claims no movement where the period before is not stored', () => {
    expect(ranking([team('a', sums(1))], 'tokens').ranked[0]?.movement).toEqual({ kind: 'unknown' })
  })

  it('calls nobody new where nobody used anything before, or where not even a day is compared', () => {
    const first = [team('a', sums(9), sums(0)), team('b', sums(5), sums(0))]
    expect(ranking(first, 'tokens').ranked.map((row) => row.movement.kind)).toEqual(['unknown', 'unknown'])
    const morning = [team('a', sums(9), sums(3)), team('b', sums(5), sums(0))]
    expect(ranking(morning, 'tokens', false).ranked.map((row) => row.movement.kind)).toEqual(['same', 'unknown'])
  })

  it('calls nobody new for want of a value: who only made requests that failed was there', () => {
    const teams = [team('a', sums(9), sums(3)), team('b', sums(5), sums(0, 4, 4))]
    expect(ranking(teams, 'tokens').ranked[1]?.movement).toEqual({ kind: 'unknown' })
  })

  it('gives shares that add up, and none for what does not add up', () => {
    const teams = [team('a', sums(6)), team('b', sums(2))]
    expect(ranking(teams, 'tokens').ranked.map((row) => row.share)).toEqual([0.75, 0.25])
    expect(ranking(teams, 'success_rate').ranked.map((row) => row.share)).toEqual([null, null])
  })

  it('keeps bars between nothing and full for every measure', () => {
    const teams = [team('a', sums(6, 6, 1, 3)), team('b', sums(2, 4, 2, 0)), team('c', sums(1, 1, 0, 9))]
    for (const by of ['tokens', 'requests', 'spend_usd', 'success_rate', 'usd_per_1k_tokens'] as const) {
      for (const { bar } of ranking(teams, by).ranked) {
        expect(bar).toBeGreaterThanOrEqual(0)
        expect(bar).toBeLessThanOrEqual(1)
      }
    }
  })

  it('is as it is told where only ranks are shown, without figures that nobody may see', () => {
    const hidden: Measures = {
      tokens: null,
      requests: null,
      successful_requests: null,
      failed_requests: null,
      spend_usd: null,
    }
    const teams = [
      { ...team('c', hidden), rank: 3 },
      { ...team('a', hidden, hidden), rank: 1 },
      { ...team('own', sums(7), sums(2)), rank: 2 },
      { ...team('idle', hidden), rank: null },
    ]
    const { ranked, waiting } = ranking(teams, 'tokens')
    expect(ranked.map((row) => [row.team.name, row.rank, row.value, row.bar, row.share])).toEqual([
      ['a', 1, null, null, null],
      ['own', 2, 7, null, null],
      ['c', 3, null, null, null],
    ])
    expect(ranked.every((row) => row.movement.kind === 'unknown')).toBe(true)
    expect(waiting.map((one) => one.name)).toEqual(['idle'])
  })

  it('has no place for a figure that is not shown', () => {
    const teams = [team('a', { ...sums(9), spend_usd: null }), team('own', sums(3))]
    expect(ranking(teams, 'spend_usd').ranked.map((row) => row.team.name)).toEqual(['own'])
    expect(ranking(teams, 'usd_per_1k_tokens').ranked.map((row) => row.team.name)).toEqual(['own'])
    expect(ranking(teams, 'tokens').ranked.map((row) => row.value)).toEqual([9, 3])
  })
})
