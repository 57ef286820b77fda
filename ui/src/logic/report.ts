/**
 * The results as one file that is kept: opened from a disk, years later, without a network. It holds
 * no script and loads nothing, and a policy in it forbids both. Names come from people and are text.
 */

import type { Table } from './csv'

export interface ReportRow {
  rank: number
  name: string
  value: string
  /** 0 to 1; `null` where only the rank is shown. */
  bar: number | null
}

export interface ReportChart {
  title: string
  /** Made by `reportCharts`. */
  svg: string
  legend: { name: string; colour: string }[]
}

export interface Report {
  language: string
  direction: 'ltr' | 'rtl'
  title: string
  /** Period, zone, filters. */
  subtitle: string
  /** How the figures stand. */
  state: string
  /** `rules` is what one has to know to believe them. */
  awards: { title: string; rules: string; items: { title: string; names: string; figure: string }[] }
  board: { title: string; unit: string; rows: ReportRow[] }
  charts: ReportChart[]
  table: Table & { title: string }
  /** CSS colours by what they are for. */
  colours: Record<'ink' | 'muted' | 'line' | 'surface' | 'accent' | 'gold' | 'silver' | 'bronze', string>
}

/** Everything that is not ours goes through this. */
export function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (sign) => names[sign] ?? sign)
}

export function reportHtml(report: Report): string {
  const text = escaped
  return `<!doctype html>
<html lang="${text(report.language)}" dir="${report.direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(report.title)}</title>
<style>${styleOf(report.colours)}</style>
</head>
<body>
<main>
<header><h1>${text(report.title)}</h1><p>${text(report.subtitle)}</p><p class="muted">${text(report.state)}</p></header>
${awardsOf(report)}
${boardOf(report)}
${report.charts.map(chartOf).join('\n')}
${tableOf(report)}
</main>
</body>
</html>
`
}

function awardsOf({ awards }: Report): string {
  if (awards.items.length === 0) return ''
  const items = awards.items.map(
    (award) =>
      `<li><span class="muted">${escaped(award.title)}</span><strong>${escaped(award.names)}</strong><span>${escaped(award.figure)}</span></li>`,
  )
  return `<section><h2>${escaped(awards.title)}</h2><ul class="awards">${items.join('')}</ul><p class="muted rules">${escaped(awards.rules)}</p></section>`
}

function boardOf({ board }: Report): string {
  const rows = board.rows.map((row) => {
    const bar =
      row.bar === null
        ? ''
        : `<svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="2" class="ground"/><rect width="${(100 * row.bar).toFixed(2)}" height="2" class="bar"/></svg>`
    return `<li><span class="rank rank-${row.rank}">${row.rank}</span><span class="name">${escaped(row.name)}</span><strong>${escaped(row.value)}</strong>${bar}</li>`
  })
  return `<section><h2>${escaped(board.title)} <small>${escaped(board.unit)}</small></h2><ol class="board">${rows.join('')}</ol></section>`
}

function chartOf({ title, svg, legend }: ReportChart): string {
  const keys = legend.map(
    ({ name, colour }) =>
      `<li><svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${escaped(colour)}"/></svg>${escaped(name)}</li>`,
  )
  const list = keys.length === 0 ? '' : `<ul class="legend">${keys.join('')}</ul>`
  return `<section><h2>${escaped(title)}</h2>${svg}${list}</section>`
}

function tableOf({ table }: Report): string {
  const head = table.columns.map(
    (name, place) => `<th scope="col"${place > 1 ? ' class="number"' : ''}>${escaped(name)}</th>`,
  )
  const rows = table.rows.map((row) => {
    const cells = row.map((cell, place) => {
      const content = escaped(cell === null ? '–' : String(cell))
      if (place === 1) return `<th scope="row">${content}</th>`
      return `<td${place > 1 ? ' class="number"' : ''}>${content}</td>`
    })
    return `<tr>${cells.join('')}</tr>`
  })
  return `<section><h2>${escaped(table.title)}</h2><div class="scroll" tabindex="0" role="region" aria-label="${escaped(table.title)}"><table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

function styleOf(colours: Report['colours']): string {
  const names = Object.entries(colours).map(([name, value]) => `--${name}:${value}`)
  return `:root{color-scheme:light;${names.join(';')}}
*{box-sizing:border-box}
body{margin:0;background:var(--surface);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;font-variant-numeric:tabular-nums}
main{max-width:60rem;margin:auto;padding:2.5rem 1.25rem 4rem}
h1{margin:0 0 .4rem;font-size:2.4rem;line-height:1.15;overflow-wrap:anywhere}
h2{margin:2.4rem 0 .8rem;font-size:1.3rem}
h2 small,.muted{color:var(--muted);font-weight:400}
p{margin:.1rem 0}
ul,ol{margin:0;padding:0;list-style:none}
.awards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.8rem}
.awards li{display:grid;gap:.15rem;align-content:start;padding:.9rem 1rem;border:1px solid var(--line);border-radius:12px}
@media (min-width:40rem){.awards:has(>:nth-child(4):last-child){grid-template-columns:1fr 1fr}}
.awards strong{font-size:1.2rem;line-height:1.25;overflow-wrap:anywhere}
.board li{display:grid;grid-template-columns:2.4rem minmax(0,1fr) auto;align-items:center;gap:.2rem .8rem;padding:.35rem 0;break-inside:avoid}
.board .name{font-weight:600;overflow-wrap:anywhere}
.board svg{grid-column:2/-1;width:100%;height:6px;border-radius:3px}
.rank{display:grid;place-items:center;width:2rem;height:2rem;border-radius:50%;font-weight:800}
.rank-1{background:var(--gold);color:#2b1c05}.rank-2{background:var(--silver);color:#2b1c05}.rank-3{background:var(--bronze);color:#2b1c05}
.ground{fill:var(--line)}.bar{fill:var(--accent)}
.chart{display:block;width:100%;height:auto}
.chart text{fill:var(--muted);font-size:12px}
.chart .grid{stroke:var(--line)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin-top:.5rem}
.legend svg{width:.7rem;height:.7rem;margin-inline-end:.4rem}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:start;font-weight:400;vertical-align:top}
thead th,tbody th{font-weight:600}
tbody th{overflow-wrap:anywhere;min-width:9rem}
.number{text-align:end;white-space:nowrap}

.rules{margin-top:.7rem;font-size:.875rem}
@media print{main{padding:0}section{break-inside:avoid-page}}`
}
