import { describe, expect, it } from 'vitest'
import { escaped, reportHtml, type Report } from './report'
import { flowSvg, raceSvg } from './reportCharts'
import { QUARTER_MS, type Replay } from './replay'

const EVIL = '<script>alert(1)</script>'
const sums = (values: number[]) => {
  const of = Float64Array.from(values)
  return { tokens: of, requests: of, successful_requests: of, failed_requests: of, spend_usd: of }
}
const START = Date.parse('2026-11-24T10:00:00Z')
const replay: Replay = {
  start: START,
  end: START + 2 * QUARTER_MS,
  quarters: [10, 30].map((tokens, place) => ({ start: START + place * QUARTER_MS, tokens, known: 1 })),
  courses: [{ id: 'a', name: EVIL, deleted: false, sums: sums([0, 10, 40]) }],
  adrift: 0,
}
const frame = { replay, zone: 'UTC', format: String, summary: `Tokens of ${EVIL}` }

function report(name: string): Report {
  return {
    language: 'en',
    direction: 'ltr',
    title: `Final of ${name}`,
    subtitle: `A day (UTC) · Team: ${name}`,
    state: `Podium, ${name}`,
    awards: { title: 'Awards', rules: name, items: [{ title: 'Most tokens', names: name, figure: `40 ${name}` }] },
    board: { title: 'Leaderboard', unit: 'Tokens', rows: [{ rank: 1, name, value: '40', bar: 0.25 }] },
    charts: [
      {
        title: name,
        svg: raceSvg(frame, [{ id: 'a', name, colour: 'red' }]),
        legend: [{ name, colour: `red"${name}` }],
      },
    ],
    table: { title: 'Figures', columns: ['Rank', 'Team', name], rows: [[1, name, null]] },
    colours: {
      ink: '#111',
      muted: '#555',
      line: '#ddd',
      surface: '#fff',
      accent: '#a31',
      gold: '#fb3',
      silver: '#ccc',
      bronze: '#d96',
    },
  }
}

describe('a report', () => {
  const html = reportHtml(report(EVIL))

  it('has names as text wherever they stand', () => {
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThan(11)
    expect(html).not.toMatch(/<script/i)
    expect(html).not.toContain('alert(1)</script>')
    expect(html).not.toContain('red"<')
  })

  it('loads nothing, and has a policy that says so', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/\b(src|href|srcset|action|data|poster)\s*=|url\(|@import|javascript:|\son\w+\s*=/i)
  })

  it('has what it was given: title, awards, ranks, charts, figures, and gaps as such', () => {
    const plain = reportHtml(report('Red'))
    for (const part of [
      '<title>Final of Red</title>',
      'Most tokens',
      'class="rank rank-1">1<',
      'width="25.00"',
      '<th scope="row">Red</th>',
      '<td class="number">–</td>',
    ]) {
      expect(plain).toContain(part)
    }
    expect(reportHtml({ ...report('Red'), awards: { title: 'Awards', rules: '', items: [] } })).not.toContain('Awards')
  })

  it('escapes all that means something in HTML', () => {
    expect(escaped(`a&b<c>"d"'e'`)).toBe('a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;')
  })
})

describe('its charts', () => {
  it('grow from nothing to the sum, over the whole width', () => {
    expect(raceSvg(frame, [{ id: 'a', name: 'A', colour: 'red' }])).toContain('d="M58.0 274.0L476.0 208.0L894.0 10.0"')
  })

  it('have a bar for each quarter hour, and who is not in them no line', () => {
    expect(flowSvg(frame).match(/<rect class="bar"/g)?.length).toBe(2)
    expect(flowSvg(frame)).toContain('height="264.0"')
    expect(raceSvg(frame, [{ id: 'nobody', name: 'N', colour: 'red' }])).not.toContain('<path d="M58')
  })
})
