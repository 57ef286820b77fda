import { describe, expect, it } from 'vitest'
import type { Activity, Board } from '../api/types'
import { kindsOf } from './kinds'
import { narrow, onlyTeams, sumKnown } from './narrow'
import { OTHERS, slotsFor, topSeries } from './series'

const meta = {
  start_date: '2026-11-23',
  end_date: '2026-11-24',
  complete: true,
  data_version: 1,
  incomplete_days: [],
  unlisted: { tokens: 0, requests: 0, spend_usd: 0 },
  tz: 'UTC',
  source: 'days' as const,
  approximate_days: [],
  approximate: [],
}

function activity(
  series: Activity['series'],
  states: Activity['buckets'][number]['state'][] = ['complete', 'unfinished'],
): Activity {
  const buckets = states.map((state, index) => ({
    start: `2026-11-2${index}T00:00:00Z`,
    end: `2026-11-2${index + 1}T00:00:00Z`,
    state,
  }))
  return { grain: '1d', by: 'team', tz: 'UTC', buckets, series, meta }
}

function values(tokens: (number | null)[]): Record<string, (number | null)[]> {
  return {
    tokens,
    requests: tokens,
    successful_requests: tokens,
    failed_requests: tokens.map((v) => v && 0),
    spend_usd: tokens,
  }
}

describe('sums of what is known', () => {
  it('are not zero where nothing is known', () => {
    expect(sumKnown([null, null])).toBeNull()
    expect(sumKnown(undefined)).toBeNull()
    expect(sumKnown([null, 0])).toBe(0)
    expect(sumKnown([1, null, 2])).toBe(3)
  })
})

describe('series', () => {
  const many = activity(
    Array.from({ length: 11 }, (_, index) => ({
      id: `t${index}`,
      name: `T${index}`,
      values: values([11 - index, null]),
    })),
  )

  it('shows eight apart and the rest as one, a gap staying a gap', () => {
    const series = topSeries(
      many,
      'tokens',
      (id) => Number(id.slice(1)),
      (one) => one.name,
      (n) => `${n} others`,
    )
    expect(series).toHaveLength(9)
    expect(series[8]).toMatchObject({ name: '3 others', slot: OTHERS, values: [6, null] })
  })

  it('keeps everyone’s colour when ranks change', () => {
    const place = (id: string): number => 'abcdef'.indexOf(id)
    expect(slotsFor(['a', 'b', 'c'], place)).toEqual(
      new Map([
        ['a', 0],
        ['b', 1],
        ['c', 2],
      ]),
    )
    expect(slotsFor(['c', 'a', 'b'], place).get('c')).toBe(2)
  })

  it('never gives two the same colour', () => {
    const slots = slotsFor(['x', 'y', 'z', 'p', 'q', 'r', 's', 't'], () => 3)
    expect(new Set(slots.values()).size).toBe(8)
  })
})

describe('kinds of tokens', () => {
  it('add up to all tokens, as the cache is part of the prompt', () => {
    const kinds = kindsOf(
      activity([
        {
          id: 'total',
          name: 'total',
          values: {
            prompt_tokens: [100, null],
            completion_tokens: [20, null],
            cache_read_tokens: [60, null],
            cache_creation_tokens: [10, null],
          },
        },
      ]),
    )
    expect(kinds.map(({ kind, values: of }) => [kind, of[0], of[1]])).toEqual([
      ['prompt', 30, null],
      ['cache_read', 60, null],
      ['cache_write', 10, null],
      ['completion', 20, null],
    ])
  })
})

describe('the narrowed leaderboard', () => {
  const team = {
    ...values([]),
    tokens: 9,
    requests: 9,
    successful_requests: 9,
    failed_requests: 0,
    spend_usd: 9,
    previous: null,
    trend: [],
  }
  const board: Board = {
    teams: [
      { ...team, team_id: 'a', name: 'A' },
      { ...team, team_id: 'b', name: 'B' },
    ],
    totals: { tokens: 18, requests: 18, successful_requests: 18, failed_requests: 0, spend_usd: 18, previous: null },
    previous: { start_date: '2026-11-21', end_date: '2026-11-22' },
    trend_buckets: [],
    meta,
  }

  it('has the figures of the filter, and zero for teams it leaves nothing of', () => {
    const narrowed = narrow(board, activity([{ id: 'a', name: 'A', values: values([2, 3]) }]), null)
    expect(narrowed.teams.map((one) => one.tokens)).toEqual([5, 0])
    expect(narrowed.totals.tokens).toBe(5)
    expect(narrowed.teams[0]?.previous).toBeNull()
  })

  it('counts only the chosen teams', () => {
    expect(onlyTeams(board, ['b']).teams.map((one) => one.name)).toEqual(['B'])
    expect(onlyTeams(board, ['b']).totals).toMatchObject({ tokens: 9, previous: null })
    expect(onlyTeams(board, [])).toBe(board)
  })

  it('knows no period before where none of it is known', () => {
    const unknown = activity([], ['unknown', 'unknown'])
    expect(narrow(board, activity([]), unknown).teams[0]?.previous).toBeNull()
    expect(narrow(board, activity([]), activity([])).teams[0]?.previous?.tokens).toBe(0)
  })
})
