import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { boardOf, onlyTeams } from './board'
import { hourCells } from './hours'
import { keysOf } from './keys'
import { kindsOf } from './kinds'
import { chartSeries, OTHERS, slotsFor } from './series'
import { filterValue, sumKnown } from './sheet'
import { timelineOf } from './timeline'

const meta: Sheet['meta'] = {
  start_date: '2026-11-20',
  end_date: '2026-11-21',
  complete: true,
  data_version: 1,
  incomplete_days: [],
  unlisted: { tokens: 0, requests: 0, spend_usd: 0 },
  tz: 'UTC',
  source: 'days',
  approximate_days: [],
  approximate: [],
}

type States = Sheet['buckets'][number]['state'][]
const SUMS = ['tokens', 'requests', 'successful_requests', 'failed_requests', 'spend_usd']
const start = (day: number): string => `2026-11-2${day}T00:00:00+00:00`

/** A sheet of these columns; `previous_…` and measures are numbers, everything else is a dimension. */
function sheet(columns: string[], rows: unknown[][], states: States = [], more: Partial<Sheet> = {}): Sheet {
  const dimensions = ['team', 'team_id', 'model', 'api_key', 'api_key_alias']
  return {
    grain: states.length > 0 ? '1d' : 'total',
    columns: columns.map((name) => {
      const kind = name === 'bucket' ? 'time' : dimensions.includes(name) ? 'dimension' : 'measure'
      return { name, kind: name.startsWith('previous_') ? 'compare' : kind, type: 'string', unit: null }
    }),
    rows,
    totals: {},
    others: null,
    compare: null,
    buckets: states.map((state, day) => ({
      name: start(day),
      start: state === 'unknown_hour' ? null : start(day),
      end: state === 'unknown_hour' ? null : start(day + 1),
      state,
      coverage: null,
    })),
    meta,
    ...more,
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

describe('a value to filter by', () => {
  it('is taken as it is, whatever characters it has', () => {
    expect(['plain', '', 'a,b', '!odd', 'a\\b', 'a!b'].map(filterValue)).toEqual([
      'plain',
      'No key',
      'a\\,b',
      '\\!odd',
      'a\\\\b',
      'a!b',
    ])
  })
})

describe('a sheet over time', () => {
  const columns = ['bucket', 'team', 'team_id', 'tokens']
  const states: States = ['complete', 'unfinished', 'unknown']

  it('has zeros where nothing was used, and gaps where nothing is known', () => {
    const timeline = timelineOf(
      sheet(
        columns,
        [
          [start(0), 'A', 'a', 5],
          [start(1), 'B', 'b', 9],
          [start(2), 'B', 'b', 1],
        ],
        states,
      ),
    )
    expect(timeline.series.map(({ id, values }) => [id, values.tokens])).toEqual([
      ['b', [0, 9, null]],
      ['a', [5, 0, null]],
    ])
    expect(timeline).toMatchObject({ grain: '1d', by: 'team', zone: 'UTC', others: null })
  })

  it('has no bucket for hours that nobody knows', () => {
    const timeline = timelineOf(sheet(columns, [['unknown_hour', 'A', 'a', 5]], ['complete', 'unknown_hour']))
    expect(timeline.buckets).toHaveLength(1)
    expect(timeline.series[0]?.values.tokens).toEqual([0])
  })

  it('tells the others from a team of that name', () => {
    const timeline = timelineOf(
      sheet(
        columns,
        [
          [start(0), 'Others', 'team-others', 5],
          [start(0), 'Others', null, 3],
        ],
        states,
        { others: 4 },
      ),
    )
    const series = chartSeries(
      timeline,
      'tokens',
      () => 0,
      (one) => one.name,
      (n) => `${n} others`,
    )
    expect(series).toMatchObject([
      { id: 'team-others', name: 'Others', slot: 0, values: [5, 0, null] },
      { name: '4 others', slot: OTHERS, values: [3, 0, null] },
    ])
  })

  it('splits tokens into kinds that add up, as the cache is part of the prompt', () => {
    const measures = ['prompt_tokens', 'completion_tokens', 'cache_read_tokens', 'cache_creation_tokens']
    const of = sheet(['bucket', ...measures], [[start(0), 100, 20, 60, 10]], ['complete', 'unknown'])
    expect(kindsOf(timelineOf(of)).map(({ kind, values }) => [kind, ...values])).toEqual([
      ['prompt', 30, null],
      ['cache_read', 60, null],
      ['cache_write', 10, null],
      ['completion', 20, null],
    ])
  })
})

describe('colours', () => {
  it('stay with everyone when ranks change', () => {
    const place = (id: string): number => 'abcdef'.indexOf(id)
    expect([...slotsFor(['a', 'b', 'c'], place)]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    expect(slotsFor(['c', 'a', 'b'], place).get('c')).toBe(2)
  })

  it('are never the same for two', () => {
    const slots = slotsFor(['x', 'y', 'z', 'p', 'q', 'r', 's', 't'], () => 3)
    expect(new Set(slots.values()).size).toBe(8)
  })
})

describe('the leaderboard', () => {
  const columns = ['team', 'team_id', ...SUMS, ...SUMS.map((name) => `previous_${name}`)]
  const rows = [
    ['A', 'a', 5, 5, 5, 0, 1, 2, 2, 2, 0, 0.5],
    ['Gone', 'g', 1, 1, 1, 0, 1, 0, 0, 0, 0, 0],
    ['Idle', 'i', 0, 0, 0, 0, 0, 3, 3, 3, 0, 0.5],
  ]
  const compare = {
    start_date: '2026-11-18',
    end_date: '2026-11-19',
    until: null,
    complete: true,
    totals: { tokens: 5 },
  }
  const of = (more: Partial<Sheet> = {}): Sheet => sheet(columns, rows, [], { totals: { tokens: 6 }, compare, ...more })

  it('has everybody, beside the period before', () => {
    const board = boardOf(of(), null)
    expect(board.teams.map((team) => [team.name, team.tokens, team.previous?.tokens])).toEqual([
      ['A', 5, 2],
      ['Gone', 1, 0],
      ['Idle', 0, 3],
    ])
    expect([board.totals.tokens, board.totals.previous?.tokens]).toEqual([6, 5])
  })

  it('knows no period before where that was not read', () => {
    const board = boardOf(of({ compare: { ...compare, complete: false } }), null)
    expect([board.teams[0]?.previous, board.totals.previous]).toEqual([null, null])
  })

  it('puts deleted teams last, and marks them', () => {
    const board = boardOf(of({ meta: { ...meta, deleted_teams: ['g'] } }), null)
    expect(board.teams.map((team) => [team.name, team.deleted])).toEqual([
      ['A', false],
      ['Idle', false],
      ['Gone', true],
    ])
  })

  it('has the course of everybody, flat where nothing was used', () => {
    const trend = sheet(
      ['bucket', 'team', 'team_id', 'tokens'],
      [[start(1), 'A', 'a', 5]],
      ['complete', 'complete', 'unknown'],
    )
    expect(boardOf(of(), trend).teams.map((team) => team.trend)).toEqual([
      [0, 5, null],
      [0, 0, null],
      [0, 0, null],
    ])
  })

  it('has no zero where a figure is not shown, and none in sums of such', () => {
    const seen = sheet(
      ['team', 'team_id', 'tokens', 'spend_usd'],
      [
        ['A', 'a', 5, null],
        ['Own', 'o', 4, 0.5],
      ],
      [],
      {
        totals: { tokens: 9, spend_usd: null },
        meta: { ...meta, scope: { reach: 'all', hidden: ['spend_usd'] } },
      },
    )
    const board = boardOf(seen, null)
    expect(board.teams.map((team) => [team.tokens, team.spend_usd])).toEqual([
      [5, null],
      [4, 0.5],
    ])
    expect(board.totals).toMatchObject({ tokens: 9, spend_usd: null })
    expect(onlyTeams(board, ['a', 'o']).totals).toMatchObject({ tokens: 9, spend_usd: null })
    expect(onlyTeams(board, ['o']).totals).toMatchObject({ tokens: 4, spend_usd: 0.5 })
  })

  it('has the ranks that are told in the place of figures', () => {
    const seen = sheet(
      ['team', 'team_id', 'tokens', 'rank'],
      [
        ['A', 'a', null, 2],
        ['Idle', 'i', null, null],
        ['Own', 'o', 7, 1],
      ],
    )
    expect(boardOf(seen, null).teams.map((team) => [team.rank, team.tokens, team.trend])).toEqual([
      [2, null, []],
      [null, null, []],
      [1, 7, []],
    ])
    expect('rank' in (boardOf(of(), null).teams[0] ?? {})).toBe(false)
  })

  it('counts only the chosen teams', () => {
    const board = boardOf(of(), null)
    expect(onlyTeams(board, ['i']).teams.map((one) => one.name)).toEqual(['Idle'])
    expect(onlyTeams(board, ['a', 'i']).totals).toMatchObject({ tokens: 5, previous: { tokens: 5 } })
    expect(onlyTeams(board, [])).toBe(board)
  })
})

describe('the keys of a team', () => {
  const columns = ['api_key_alias', 'api_key', 'model', 'tokens', 'prompt_tokens', 'completion_tokens', 'requests']

  it('come with their models, those with most tokens first', () => {
    const keys = keysOf(
      sheet(columns, [
        ['one', 'k1', 'gpt', 5, 3, 2, 1],
        [null, 'k2', 'gpt', 4, 4, 0, 1],
        [null, 'k2', 'opus', 3, 3, 0, 1],
        ['one', 'k1', 'All Models', 0, 0, 0, 0],
        ['idle', 'k3', 'All Models', 0, 0, 0, 0],
        [null, '', 'All Models', 0, 0, 0, 0],
      ]),
    )
    expect(keys.map(({ id, alias, total, models }) => [id, alias, total, models.map((model) => model.name)])).toEqual([
      ['k2', null, 7, ['gpt', 'opus']],
      ['k1', 'one', 5, ['gpt']],
      ['k3', 'idle', 0, ['All Models']],
    ])
  })
})

describe('the hours of the week', () => {
  it('are all there, Monday’s first, without what has no known hour', () => {
    const names = Array.from({ length: 168 }, (_, hour) => `hour ${hour}`)
    const bucket = (name: string, state: States[number] = 'complete'): Sheet['buckets'][number] => ({
      name,
      start: null,
      end: null,
      state,
      coverage: null,
    })
    const cells = hourCells(
      sheet(
        ['bucket', 'tokens', 'requests'],
        [
          ['hour 25', 7, 1],
          ['unknown_hour', 9, 2],
        ],
        [],
        { buckets: [...names.map((name) => bucket(name)), bucket('unknown_hour', 'unknown_hour')] },
      ),
    )
    expect(cells).toHaveLength(168)
    expect(cells.filter((cell) => cell.tokens > 0)).toEqual([{ weekday: 2, hour: 1, tokens: 7, requests: 1 }])
  })
})
