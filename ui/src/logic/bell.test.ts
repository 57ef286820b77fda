import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { SUMS, type Board, type Measures } from './board'
import { boardUntil } from './bell'

const sums = (n: number): Measures => ({
  tokens: n,
  requests: n,
  successful_requests: n,
  failed_requests: 0,
  spend_usd: n / 4,
})
const team = (id: string, n: number) => ({
  team_id: id,
  name: id,
  deleted: false,
  ...sums(n),
  previous: null,
  trend: [],
})
const names = ['bucket', 'team', 'team_id', ...SUMS]
const bucket = (name: string, start: string) => ({ name, start, end: null, state: 'complete' as const, coverage: null })
const row = (at: string, id: string, n: number) => [at, id, id, ...Object.values(sums(n))]

describe('the bell', () => {
  it('takes away what came after it, and nothing that came before', () => {
    const board = { teams: [team('a', 10), team('b', 7)], totals: { ...sums(17), previous: null } } as unknown as Board
    const sheet = {
      columns: names.map((name) => ({ name })),
      buckets: [bucket('17:15', '2026-11-24T16:15:00Z'), bucket('17:30', '2026-11-24T16:30:00Z')],
      rows: [row('17:15', 'a', 2), row('17:30', 'a', 4), row('17:30', 'b', 1)],
    } as unknown as Sheet
    const stood = boardUntil(board, sheet, Date.parse('2026-11-24T16:30:00Z'))
    expect(stood.teams.map((one) => [one.team_id, one.tokens])).toEqual([
      ['a', 6],
      ['b', 6],
    ])
    expect(stood.totals.tokens).toBe(12)
    expect(stood.totals.spend_usd).toBe(3)
  })
})
