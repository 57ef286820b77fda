import { describe, expect, it } from 'vitest'
import type { BoardTeam } from './board'
import { headAndRest, worstFirst } from './rates'

const team = (name: string, requests: number, failed: number): BoardTeam => ({
  team_id: name,
  name,
  deleted: false,
  tokens: requests,
  requests,
  successful_requests: requests - failed,
  failed_requests: failed,
  spend_usd: 0,
  previous: null,
  trend: [],
})

describe('success rates', () => {
  it('begin with those that need help, and leave out who made no requests', () => {
    const rates = worstFirst([team('good', 100, 1), team('idle', 0, 0), team('bad', 100, 50), team('worse', 200, 100)])
    expect(rates.map((one) => [one.name, one.rate])).toEqual([
      ['worse', 50],
      ['bad', 50],
      ['good', 99],
    ])
  })

  it('have the worst ten of 500 apart, and the rate of all others together', () => {
    const teams = Array.from({ length: 500 }, (_, index) => team(`t${index}`, 100, index % 50))
    const shown = headAndRest(worstFirst(teams), 10, (n) => `${n} others`)
    expect(shown).toHaveLength(11)
    expect(shown.slice(0, 10).every((one) => one.rate === 51)).toBe(true)
    const failed = teams.reduce((sum, one) => sum + (one.failed_requests ?? 0), 0) - 10 * 49
    expect(shown[10]).toMatchObject({ name: '490 others', requests: 49_000, failed })
    expect(shown[10]?.rate).toBeCloseTo(100 - (100 * failed) / 49_000)
  })

  it('make no group of one', () => {
    const teams = Array.from({ length: 11 }, (_, index) => team(`t${index}`, 100, index))
    expect(headAndRest(worstFirst(teams), 10, String)).toHaveLength(11)
  })
})
