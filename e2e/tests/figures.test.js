/** Where figures come from: one operation answers every view, and the stream says when to ask again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardReady, chartsDrawn } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()

const drawn = async (page) => {
  await chartsDrawn(page)
  for (const card of await page.locator('.charts > *').all()) await card.scrollIntoViewIfNeeded()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.chart-card')].every((card) => card.querySelector('.echart[data-drawn="true"]')),
  )
}

const views = {
  board: { path: '/?range=today', ready: boardReady },
  'board, narrowed': {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page
        .getByRole('button', { name: /^Keys and models of/ })
        .first()
        .click()
      await page.locator('.board-panel button.model-name').first().click()
      await page.locator('.chip').waitFor()
      await page.locator('.board-view[aria-busy="false"]').waitFor()
    },
  },
  charts: { path: '/charts?range=week', ready: drawn },
  team: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page.locator('.board-list .row-name a').first().click()
      await drawn(page)
    },
  },
  present: { path: '/present?range=week', ready: (page) => page.locator('.race-row').first().waitFor() },
  about: { path: '/about', ready: (page) => page.locator('.facts').first().waitFor() },
  palette: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page.keyboard.press('Control+k')
      await page.locator('.command-group', { hasText: 'Filter by model' }).first().waitFor()
    },
  },
}

for (const [name, { path, ready }] of Object.entries(views)) {
  test(`${name}: figures come from one operation and the live stream`, async () => {
    await demo.visit('/about', {}, async (page) => {
      await page.locator('.facts').first().waitFor()
      const asked = new Set()
      page.on('request', (request) => {
        if (['fetch', 'xhr', 'eventsource'].includes(request.resourceType())) asked.add(request.url())
      })
      await page.goto(demo.url + path)
      await ready(page)
      const paths = new Set([...asked].map((url) => new URL(url).pathname))
      for (const one of ['/api/v1/query', '/api/v1/events', '/api/v1/status']) paths.delete(one)
      assert.deepEqual([...paths], [])
      const questions = [...asked].filter((url) => new URL(url).pathname === '/api/v1/query')
      assert.ok(questions.length > 0)
      console.log(`${name}: ${questions.length} different questions`)
    })
  })
}

test('every view tells the same total, and teams without usage are there', async () => {
  await demo.visit('/?range=yesterday&tz=UTC', {}, async (page) => {
    await boardReady(page)
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const days = `start_date=${day}&end_date=${day}&tz=UTC`
    const board = await page.evaluate((of) => fetch(`/api/v1/leaderboard?${of}`).then((one) => one.json()), days)
    const shown = await page.locator('.totals dd').first().getAttribute('title')
    assert.equal(Number(shown.replaceAll(',', '')), board.totals.tokens)
    const rows = await page.locator('.board-list .row').count()
    const waiting = await page.locator('.waiting li').count()
    assert.equal(rows + waiting, board.teams.length)
    for (const team of board.teams.filter((one) => one.tokens > 0)) {
      const row = page.locator('.board-list .row', { hasText: team.name })
      assert.equal(Number((await row.locator('.exact').textContent()).replaceAll(',', '')), team.tokens, team.name)
    }
  })
})
