/**
 * 500 teams: only the rows on the screen exist. The frame times of scrolling and re-ranking are
 * written to the artifacts; they say more about the machine than about the page, so none is asserted.
 */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, boardReady, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { isBoard } from '../support/sheet.js'

const demo = useDemo()
const TEAMS = 500

const SUMS = ['tokens', 'requests', 'successful_requests', 'failed_requests', 'spend_usd']
const column = (name, kind) => ({
  name,
  kind,
  type: kind === 'dimension' || kind === 'time' ? 'string' : 'number',
  unit: null,
})
const ids = Array.from({ length: TEAMS }, (_, index) => ({ id: `team-${index}`, name: `Team ${index}`, index }))
const hours = Array.from({ length: 24 }, (_, hour) => new Date(Date.UTC(2026, 0, 5, hour)).toISOString())

function sheet(round, grain, columns, rows, more) {
  const meta = {
    start_date: '2026-01-05',
    end_date: '2026-01-05',
    tz: 'UTC',
    as_of: new Date().toISOString(),
    complete: true,
    data_version: round,
    incomplete_days: [],
    unlisted: { tokens: 0, requests: 0, spend_usd: 0 },
    source: 'days',
    approximate_days: [],
    approximate: [],
    coverage: null,
  }
  return { grain, columns, rows, totals: {}, others: null, compare: null, buckets: [], meta, ...more }
}

/** An answer of `TEAMS` teams whose order changes with every asking. */
function board(round) {
  const rows = ids.map(({ id, name, index }) => {
    const before = 1_000_000 - index * 1_500
    const tokens = before + ((index * 7_919 + round * 104_729) % 9_000)
    return [name, id, tokens, tokens, tokens, 0, tokens / 1e6, before, tokens, tokens, 0, tokens / 1e6]
  })
  const columns = [
    column('team', 'dimension'),
    column('team_id', 'dimension'),
    ...SUMS.map((name) => column(name, 'measure')),
    ...SUMS.map((name) => column(`previous_${name}`, 'compare')),
  ]
  const compare = { start_date: '2026-01-04', end_date: '2026-01-04', until: null, complete: true, totals: {} }
  return sheet(round, 'total', columns, rows, { compare })
}

/** The same teams by hours. */
function course() {
  const columns = [
    column('bucket', 'time'),
    column('team', 'dimension'),
    column('team_id', 'dimension'),
    column('tokens', 'measure'),
  ]
  const rows = hours.flatMap((bucket, hour) =>
    ids.map(({ id, name, index }) => [bucket, name, id, (hour * 37 + index) % 100]),
  )
  const buckets = hours.map((name, hour) => ({
    name,
    start: name,
    end: hours[hour + 1] ?? '2026-01-06T00:00:00.000Z',
    state: 'complete',
    coverage: null,
  }))
  return sheet(0, '1h', columns, rows, { buckets })
}

/** Events on demand instead of the demo's own. */
function fakeEvents() {
  class Events extends EventTarget {
    constructor() {
      super()
      window.tell = (version) =>
        this.dispatchEvent(new MessageEvent('totals', { data: JSON.stringify({ data_version: version }) }))
      queueMicrotask(() => this.dispatchEvent(new Event('open')))
    }
    close() {}
  }
  window.EventSource = Events
}

/** Scrolls by hand's speed for three seconds, with new ranks every half second; the time of each frame. */
function scrollAndRank() {
  return new Promise((resolve) => {
    const frames = []
    const begun = performance.now()
    let last = begun
    let version = 1
    let nextRank = begun
    const frame = (now) => {
      frames.push(now - last)
      last = now
      window.scrollBy(0, 24)
      if (now >= nextRank) {
        window.tell(++version)
        nextRank += 500
      }
      if (now - begun < 3000) requestAnimationFrame(frame)
      else resolve(frames.slice(1))
    }
    requestAnimationFrame(frame)
  })
}

test('500 teams scroll and re-rank with a screenful of rows', async () => {
  await demo.visit('/about', {}, async (page) => {
    let round = 0
    await page.addInitScript(fakeEvents)
    await page.route('**/api/v1/query?*', (route) =>
      route.fulfill({ json: isBoard(route.request().url()) ? board(round++) : course() }),
    )
    await page.goto(`${demo.url}/?range=today&tz=UTC`)
    await boardReady(page)
    const frames = await page.evaluate(scrollAndRank)
    const sorted = frames.toSorted((a, b) => a - b)
    const at = (share) => Number(sorted[Math.floor((sorted.length - 1) * share)].toFixed(1))
    const told = {
      teams: TEAMS,
      frames: frames.length,
      per_second: Number((1000 / (frames.reduce((a, b) => a + b, 0) / frames.length)).toFixed(1)),
      median_ms: at(0.5),
      p95_ms: at(0.95),
      worst_ms: at(1),
      answers: round,
    }
    writeFileSync(artifact('frames.json'), `${JSON.stringify(told, null, 2)}\n`)
    console.log(told)
    assert.ok(round > 1, 'ranks changed meanwhile')
    assert.ok((await page.locator('.board-list .row').count()) < 40)
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
    await page.locator('.board-list .row', { hasText: '500' }).waitFor()
    await picture(page, 'many')
  })
})

/** Two models of each team, at prices of their own. */
function costs() {
  const columns = [
    column('team', 'dimension'),
    column('team_id', 'dimension'),
    column('model', 'dimension'),
    ...['tokens', 'spend_usd', 'usd_per_1k_tokens'].map((name) => column(name, 'measure')),
  ]
  const rows = ids.flatMap(({ id, name, index }) =>
    ['acme/a', 'acme/b'].map((model, place) => {
      const [tokens, price] = [10_000 + index * 900, 0.001 + ((index * 37 + place * 11) % 50) / 10_000]
      return [name, id, model, tokens, (tokens * price) / 1_000, price]
    }),
  )
  return sheet(0, 'total', columns, rows, {})
}

test('charts of 500 teams say what matters: the worst rates first, eight colours, legends that end', async () => {
  await demo.visit('/about', { viewport: { width: 1440, height: 3400 } }, async (page) => {
    await page.addInitScript(fakeEvents)
    await page.route('**/api/v1/query?*', (route) => {
      const url = route.request().url()
      if (url.includes('by=team%2Cmodel')) return route.fulfill({ json: costs() })
      if (!isBoard(url)) return route.fulfill({ json: course() })
      const answer = board(0)
      const [requests, succeeded, failed] = [3, 4, 5]
      answer.rows.forEach((row, index) => {
        row[failed] = Math.floor((row[requests] * (index % 100)) / 200)
        row[succeeded] = row[requests] - row[failed]
      })
      return route.fulfill({ json: answer })
    })
    await page.goto(`${demo.url}/charts?range=today&tz=UTC&table=success`)
    const card = (title) =>
      page.locator('.chart-card', { has: page.getByRole('heading', { name: title, exact: true }) })
    const rows = card('Success rate by team').locator('tbody tr')
    await rows.first().waitFor()
    const rates = await rows.evaluateAll((all) =>
      all.slice(0, 50).map((row) => parseFloat(row.lastElementChild.textContent)),
    )
    assert.deepEqual(
      rates,
      rates.toSorted((a, b) => a - b),
    )
    const legend = card('Cost efficiency').locator('.legend')
    await legend.getByText(`and ${TEAMS - 9} more`).waitFor()
    assert.equal(await legend.locator('li').count(), 10)
    await card('Success rate by team').getByRole('button', { name: 'Chart', exact: true }).click()
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.echart')].every((one) => one.dataset.drawn === 'true'),
    )
    await picture(page, 'many-charts')
  })
})
