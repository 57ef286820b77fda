import { describe, expect, it } from 'vitest'
import type { ChartSeries } from '../logic/series'
import type { Timeline } from '../logic/timeline'
import { overTime } from './overTime'
import type { Paint } from './paint'

const colour = 'rgb(1, 2, 3)'
const paint: Paint = {
  ink: colour,
  muted: colour,
  line: colour,
  surface: colour,
  others: colour,
  gold: '',
  silver: '',
  bronze: '',
  patterns: false,
  accent: colour,
  ramp: [colour],
  slots: Array.from({ length: 8 }, () => colour),
  font: 'sans',
  still: true,
}

type Drawn = { id: string; type: string; data: unknown[]; lineStyle?: { type?: string } }

const hours = ['complete', 'unknown', 'complete', 'unfinished', 'unknown'] as const
const timeline: Timeline = {
  grain: '1h',
  by: 'team',
  zone: 'UTC',
  buckets: hours.map((state, hour) => ({
    name: `2026-11-24T0${hour}:00:00Z`,
    start: `2026-11-24T0${hour}:00:00Z`,
    end: `2026-11-24T0${hour + 1}:00:00Z`,
    state,
  })),
  series: [],
  others: null,
}
const series: ChartSeries[] = [{ id: 'a', name: 'A', slot: 0, values: [5, null, 0, 7, null] }]
const now = Date.parse('2026-11-24T03:20:00Z')

function draw(shape: 'stacked' | 'lines') {
  const content = overTime({ timeline, series, shape, what: 'Tokens', now, filter: 'team_id' }, paint)
  const drawn = content.option.series as Drawn[]
  return { content, of: (id: string) => drawn.find((one) => one.id === id) }
}

describe('a chart over time', () => {
  it('keeps a gap a gap and a zero a zero, as bars and as lines', () => {
    expect(draw('stacked').of('a')?.data.slice(0, 3)).toEqual([5, null, 0])
    const line = draw('lines').of('a')?.data.slice(0, 3) as unknown[]
    expect(line[1]).toBeNull()
    expect(
      [line[0], line[2]].map((value) =>
        typeof value === 'object' && value ? (value as { value: number }).value : value,
      ),
    ).toEqual([5, 0])
  })

  it('dots the unfinished bucket', () => {
    expect(draw('stacked').of('a')?.data[3]).toMatchObject({ value: 7, itemStyle: { borderType: 'dotted' } })
    const { of } = draw('lines')
    expect(of('a')?.data[3]).toBeNull()
    expect(of('a open')).toMatchObject({ lineStyle: { type: 'dotted' }, data: [null, null, 0, 7, null] })
  })

  it('hatches what is not known, but not what has not begun', () => {
    expect(draw('stacked').of('unknown')?.data).toEqual([null, 1, null, null, null])
  })

  it('has the same figures in its table, up to now', () => {
    const { table } = draw('lines').content
    expect(table.rows.map((row) => row[1])).toEqual([5, null, 0, 7])
    expect(table.keys).toHaveLength(4)
  })

  it('filters by the series that was clicked, whichever of its two lines', () => {
    const { content } = draw('lines')
    expect(content.pick?.(0, 0)).toEqual({ name: 'team_id', value: 'a' })
    expect(content.pick?.(1, 3)).toEqual({ name: 'team_id', value: 'a' })
    expect(content.pick?.(2, 0)).toBeNull()
  })
})
