import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardReady, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeBoard } from '../support/sheet.js'

const demo = useDemo()

test('without events the page asks every few seconds', async () => {
  await demo.visit('/about', { expected: [/Failed to load resource/] }, async (page) => {
    await page.route('**/api/v1/events*', (route) => route.fulfill({ status: 404, json: { detail: 'Not Found' } }))
    await page.goto(`${demo.url}/?range=week&tz=UTC`)
    await boardReady(page)
    await page.locator('.seal.polling').waitFor()
    const before = await page.locator('.totals dd').first().getAttribute('title')
    await page.waitForFunction((was) => document.querySelector('.totals dd').title !== was, before)
  })
})

test('figures move by themselves', async () => {
  await demo.visit('/?range=week&tz=UTC', {}, async (page) => {
    await boardReady(page)
    await page.locator('.seal.live').waitFor()
    const total = page.locator('.totals dd').first()
    const before = await total.getAttribute('title')
    await page.waitForFunction((was) => document.querySelector('.totals dd').title !== was, before)
  })
})

test('ranks change without a reload, and the rows glide', async () => {
  // Two teams change places in the second answer; what makes the page ask for it is the demo's own event.
  let answers = 0
  await demo.visit('/about', {}, async (page) => {
    await changeBoard(page, (teams) => {
      answers += 1
      const sorted = teams.toSorted((a, b) => b.tokens - a.tokens)
      if (answers > 1) [sorted[0].tokens, sorted[1].tokens] = [sorted[1].tokens, sorted[0].tokens]
    })
    await page.goto(`${demo.url}/?range=week&tz=UTC`)
    await boardReady(page)
    await page.evaluate(() => (window.stillThere = true))
    const [first, second, ...rest] = await rowNames(page)
    await page.waitForFunction((name) => document.querySelector('.board-list .row-name a').textContent === name, second)
    assert.deepEqual((await rowNames(page)).slice(0, 2), [second, first])
    assert.ok(rest.length > 0)
    assert.equal(await page.evaluate(() => window.stillThere), true, 'the page was not loaded again')
    await page.waitForFunction((name) => document.querySelector('.step-1 .step-name').textContent === name, second)
  })
})

test('where nothing changes the age of the newest figures is asked for', async () => {
  await demo.visit('/about', {}, async (page) => {
    await page.addInitScript(() => {
      window.EventSource = class extends EventTarget {
        constructor() {
          super()
          queueMicrotask(() => this.dispatchEvent(new Event('open')))
        }
        close() {}
      }
    })
    await page.goto(`${demo.url}/?range=today&tz=UTC`)
    await page.waitForRequest('**/api/v1/status')
    await page.locator('.seal.live', { hasText: /newest figures \d+ sec old/ }).waitFor()
  })
})
