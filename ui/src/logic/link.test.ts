import { describe, expect, it } from 'vitest'
import { plainView, readView, writeView, type View } from './link'

const read = (text: string): View => readView(new URLSearchParams(text), 'Europe/Berlin')

describe('links', () => {
  it('reproduce a view exactly, whatever the names in it', () => {
    const view: View = {
      range: { start: '2026-11-01', end: '2026-11-24' },
      zone: 'Asia/Kathmandu',
      measure: 'success_rate',
      score: 'per_key',
      goal: { kind: 'each', measure: 'spend_usd', amount: 12.5 },
      compare: 'whole',
      search: 'red, blue & <b>',
      filters: { team_id: ['a&b#c', 'ü/../'], model: ['acme/OpenAI/gpt-5.2'], provider: ['x y'], api_key: ['k+='] },
      open: 'a&b#c',
      grain: '1h',
      by: 'provider',
      shape: 'lines',
      cost: 'heat',
      unlisted: true,
      tables: ['time', 'cost'],
      explore: { what: 'duration_p95_ms', split: ['provider', 'team'], each: 'hour_of_day' },
      why: { measure: 'failed_requests', teamId: 'a&b=,', split: 'model' },
    }
    expect(read(writeView(view).toString())).toEqual(view)
  })

  it('say only what differs from the plain view, besides time', () => {
    expect(writeView(plainView('UTC')).toString()).toBe('range=today&tz=UTC')
  })

  it('count what makes no sense as not said', () => {
    const odd = read(
      'range=always&tz=Mars/Olympus&measure=luck&grain=1s&by=&start=2026-02-30&end=2026-03-01&model=&table=a&table=a',
    )
    expect(odd).toEqual({ ...plainView('Europe/Berlin'), tables: ['a'] })
    expect(read('start=2026-03-02&end=2026-03-01').range).toEqual({ preset: 'today' })
  })
})
