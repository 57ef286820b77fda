import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { addsUp, cellsOf, merged, splitsOf, unitOf, WHATS } from './explore'
import { timelineOf } from './timeline'

const columns = (...names: string[]): Sheet['columns'] =>
  names.map((name) => ({
    name,
    kind: name === 'bucket' ? 'time' : name === 'tokens' ? 'measure' : 'dimension',
    type: 'string',
    unit: null,
  }))
const bucket = (name: string) => ({ name, start: name, end: name, state: 'complete' as const, coverage: null })
const sheet = (more: Partial<Sheet>): Sheet => ({
  grain: 'total',
  columns: [],
  rows: [],
  totals: {},
  others: null,
  compare: null,
  buckets: [],
  meta: { tz: 'UTC' } as Sheet['meta'],
  ...more,
})

describe('exploring', () => {
  it('knows each measure’s unit, and which ones add up', () => {
    expect(WHATS.filter((what) => !addsUp(what))).toEqual([
      'success_rate',
      'failure_rate',
      'usd_per_million_tokens',
      'usd_per_request',
      'duration_avg_ms',
      'duration_p50_ms',
      'duration_p95_ms',
      'duration_p99_ms',
      'ttft_p50_ms',
      'ttft_p95_ms',
    ])
    expect(
      ['failed_requests', 'usd_per_request', 'ttft_p95_ms', 'success_rate', 'cache_read_tokens'].map((what) =>
        unitOf(what as never),
      ),
    ).toEqual(['requests', 'usd', 'ms', 'percent', 'tokens'])
  })

  it('names values, keys without a name by the beginning of their hash', () => {
    const cells = cellsOf(
      sheet({
        columns: columns('team', 'team_id', 'api_key_alias', 'api_key', 'tokens'),
        rows: [
          ['Red', 'r', 'one', 'abcdef', 5],
          ['Red', 'r', null, '0123456789abcdef', 3],
        ],
      }),
      { what: 'tokens', split: ['team', 'api_key'] },
    )
    expect(cells.map((cell) => cell.values.map((value) => value.name))).toEqual([
      ['Red', 'one'],
      ['Red', '0123456789…'],
    ])
  })

  it('makes series of two dimensions, and keeps the rest apart from a team that is called Others', () => {
    const answer = sheet({
      grain: '1d',
      columns: columns('bucket', 'team', 'team_id', 'model', 'tokens'),
      buckets: [bucket('2026-11-20T00:00:00Z')],
      others: 3,
      rows: [
        ['2026-11-20T00:00:00Z', 'Red', 'r', 'acme/OpenAI/gpt', 5],
        ['2026-11-20T00:00:00Z', 'Others', 'team-7', 'acme/OpenAI/gpt', 4],
        ['2026-11-20T00:00:00Z', 'Others', null, 'Others', 2],
      ],
    })
    const timeline = timelineOf(merged(answer, { what: 'tokens', split: ['team', 'model'] }))
    expect(timeline.series.map((one) => [one.name, one.values.tokens])).toEqual([
      ['Red · gpt', [5]],
      ['Others · gpt', [4]],
    ])
    expect(timeline.others?.series.values.tokens).toEqual([2])
  })

  it('asks for the hours of the week without dimensions', () => {
    expect(splitsOf({ what: 'tokens', split: ['team', 'model'], each: 'weekday_hour' })).toEqual([])
    expect(splitsOf({ what: 'tokens', split: ['team'], each: '1d' })).toEqual(['team'])
  })
})
