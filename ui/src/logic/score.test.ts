import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { withBases, type Board, type BoardTeam, type Measures } from './board'
import { MEASURES } from './measure'
import { ranking } from './rank'
import { basesOf, scored, scoreFor, scoresOf, scoresShown } from './score'

function sums(tokens: number, requests: number, failed: number, spend: number): Measures {
  return { tokens, requests, successful_requests: requests - failed, failed_requests: failed, spend_usd: spend }
}
function team(id: string, now: Measures, previous: Measures | null = null): BoardTeam {
  return { team_id: id, name: id, deleted: false, ...now, previous, trend: [] }
}
/** Rows of a key: team, key, tokens, requests, cache reads, and the same before. */
function keys(rows: unknown[][], complete = true): Sheet {
  const measures = ['tokens', 'requests', 'cache_read_tokens']
  const names = [
    'team',
    'team_id',
    'api_key_alias',
    'api_key',
    ...measures,
    ...measures.map((one) => `previous_${one}`),
  ]
  return {
    grain: 'total',
    columns: names.map((name) => ({ name, kind: 'dimension', type: 'string', unit: null })),
    rows: rows.map(([id, key, ...cells]) => [id, id, key, key, ...cells]),
    totals: {},
    others: null,
    compare: { start_date: '2026-11-26', end_date: '2026-11-26', until: null, complete, totals: {} },
    buckets: [],
    meta: {} as Sheet['meta'],
  }
}
const sheet = keys([
  ['big', 'a', 600, 6, 500, 100, 1, 0],
  ['big', 'b', 300, 3, 0, 0, 0, 0],
  ['big', 'idle', 0, 0, 0, 50, 1, 0],
  ['small', 'c', 500, 5, 100, 0, 0, 0],
])
const board = {
  teams: [team('big', sums(900, 9, 3, 9), sums(150, 2, 0, 1)), team('small', sums(500, 5, 0, 0), sums(0, 0, 0, 0))],
} as unknown as Board
const order = (...[measure, score]: [Parameters<typeof scoresOf>[0], Parameters<typeof scored>[2]]): string[] =>
  ranking(withBases(board, basesOf(sheet)).teams, measure, true, score).ranked.map(
    (row) => `${row.team.name} ${row.value}`,
  )

describe('scores', () => {
  it('are of the team’s own figures', () => {
    expect(order('tokens', 'plain')).toEqual(['big 900', 'small 500'])
    expect(order('tokens', 'per_key')).toEqual(['small 500', 'big 450'])
    expect(order('tokens', 'no_cache')).toEqual(['big 400', 'small 400'])
    expect(order('tokens', 'success')).toEqual(['big 600', 'small 500'])
    expect(order('requests', 'per_usd')).toEqual(['big 1'])
  })

  it('count keys only in the period in which they were used', () => {
    const { now, previous } = basesOf(sheet)
    expect(now.get('big')).toEqual({ keys: 2, uncached: 400 })
    expect(previous.get('big')).toEqual({ keys: 2, uncached: 150 })
    expect(previous.get('small')).toBeUndefined()
    expect(basesOf(keys([['big', 'a', 1, 1, 0, 1, 1, 0]], false)).previous.size).toBe(0)
  })

  it('leave who has none apart from who has not started', () => {
    const { ranked, waiting, unscored } = ranking(
      [...board.teams, team('idle', sums(0, 0, 0, 0))],
      'tokens',
      true,
      'per_usd',
    )
    expect([ranked, unscored].map((all) => all.length)).toEqual([1, 1])
    expect(unscored[0]?.name).toBe('small')
    expect(waiting.map((one) => one.name)).toEqual(['idle'])
  })

  it('have shares only where they add up', () => {
    const share = (score: 'no_cache' | 'per_key'): unknown =>
      ranking(withBases(board, basesOf(sheet)).teams, 'tokens', true, score).ranked[0]?.share
    expect(share('no_cache')).toBe(0.5)
    expect(share('per_key')).toBeNull()
  })

  it('exist for measures that they make sense of, the plain one for all', () => {
    for (const measure of MEASURES) expect(scoresOf(measure)[0]).toBe('plain')
    expect(scoreFor('success_rate', 'per_key')).toBe('plain')
    expect(scoreFor('spend_usd', 'per_usd')).toBe('plain')
    expect(scoreFor('tokens', 'no_cache')).toBe('no_cache')
  })

  it('are none without what they need', () => {
    expect(scored(sums(5, 1, 0, 1), 'tokens', 'per_key', undefined)).toBeNull()
    expect(scored(sums(5, 1, 1, 1), 'tokens', 'success', undefined)).toBeNull()
  })

  it('are offered where everything is shown that they are made of', () => {
    expect(scoresShown('tokens', [], true)).toEqual(scoresOf('tokens'))
    expect(scoresShown('tokens', ['spend_usd'], false)).toEqual(['plain', 'success'])
    expect(scoresShown('tokens', ['tokens', 'requests', 'successful_requests', 'spend_usd'], false)).toEqual(['plain'])
    expect(scoreFor('tokens', 'per_usd', ['plain', 'success'])).toBe('plain')
  })
})
