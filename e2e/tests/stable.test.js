/**
 * Nothing jumps: while a view loads, while figures move, on any screen. And what matters is on the
 * first screen.
 */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { artifact, boardReady, chartsDrawn, DESKTOP, PHONE } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const told = {}
after(() => {
  writeFileSync(artifact('layout-shift.json'), `${JSON.stringify(told, null, 2)}\n`)
  console.log(told)
})

/** Adds up the shifts that no click or key explains. */
function watchShifts() {
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue
      const moved = entry.sources.map(({ node }) => node?.className || node?.nodeName || 'gone')
      window.shifts.push({ value: entry.value, moved })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

const views = {
  board: ['/?range=today', boardReady],
  'board of a week': ['/?range=week', boardReady],
  charts: ['/charts?range=week', chartsDrawn],
  money: ['/money?range=week', chartsDrawn],
  explore: ['/explore?range=week&each=1d', chartsDrawn],
  present: ['/present?range=today&until=23:59', (page) => page.locator('.race-row').first().waitFor()],
  about: ['/about', (page) => page.locator('.facts').first().waitFor()],
}
const LIVE_MS = 6_000
const SETTLE_MS = 1_000
/** Of what must not move at all. The present view's foot is below as many teams as there are. */
const mostOf = (name) => (name === 'present' ? 0.01 : 0.005)

async function assertStill(page, name, most) {
  const shifts = await page.evaluate(() => window.shifts)
  const sum = shifts.reduce((all, { value }) => all + value, 0)
  told[name] = Number(sum.toFixed(4))
  assert.ok(sum <= most, `${sum}: ${JSON.stringify(shifts)}`)
}

/** Keeps back what the page asks for, until it is let go: all of it at once. */
async function keepBack(page, what) {
  let letGo
  const free = new Promise((resolve) => (letGo = resolve))
  await page.route(what, async (route) => {
    await free
    await route.continue()
  })
  return letGo
}

for (const [name, [path, ready]] of Object.entries(views)) {
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    test(`${name} on a ${size} stays where it is while it loads and while figures move`, async () => {
      await demo.visit('/about', { viewport }, async (page) => {
        await page.addInitScript(watchShifts)
        await page.goto(demo.url + path)
        await ready(page)
        await page.waitForTimeout(LIVE_MS)
        await assertStill(page, `${name}, ${size}`, 0.02)
      })
    })

    // A frame's shift is all that moved in it, by the way of what moved furthest: a little that moves
    // alone on a quick computer counts for many times as much on a busy one, where all moves in one frame.
    test(`${name} on a ${size} stays where it is when its answers come at once and its font late`, async () => {
      await demo.visit('/about', { viewport }, async (page) => {
        await page.addInitScript(watchShifts)
        const letAnswersGo = await keepBack(page, /\/api\/v1\//)
        const letFontGo = await keepBack(page, /\.woff2$/)
        // The page has not loaded before its font has.
        await page.goto(demo.url + path, { waitUntil: 'commit' })
        await page.locator('.seal').waitFor()
        assert.equal(await page.locator('html').getAttribute('data-letters'), 'stand-in')
        letAnswersGo()
        await ready(page)
        letFontGo()
        await page.waitForFunction(() => document.fonts.check("1em 'Figtree Variable'"))
        await page.waitForTimeout(SETTLE_MS)
        await assertStill(page, `${name}, ${size}, late`, mostOf(name))
      })
    })
  }
}

for (const range of ['today', 'week']) {
  test(`the first team is on the first screen of a phone, ${range}`, async () => {
    await demo.visit(`/?range=${range}`, { viewport: PHONE }, async (page) => {
      await boardReady(page)
      const row = await page.locator('.board-list .row').first().boundingBox()
      const nav = await page.locator('.page-header nav').boundingBox()
      assert.ok(row.y + row.height <= nav.y, `${row.y + row.height} ${nav.y}`)
    })
  })

  test(`six teams and the podium are on the first screen of a desktop, ${range}`, async () => {
    await demo.visit(`/?range=${range}`, {}, async (page) => {
      await boardReady(page)
      const bottoms = await page
        .locator('.board-list .row')
        .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().bottom))
      assert.ok(bottoms.filter((bottom) => bottom <= DESKTOP.height).length >= 6, String(bottoms))
      assert.equal(await page.locator('.step').count(), 3)
    })
  })
}

test('the status line is one line of one height, whatever it says', async () => {
  await demo.visit('/?range=week', { viewport: PHONE }, async (page) => {
    await boardReady(page)
    const before = (await page.locator('.status-line').boundingBox()).height
    await page.locator('.seal-rest').evaluate((rest) => (rest.textContent = 'very long '.repeat(80)))
    assert.equal((await page.locator('.status-line').boundingBox()).height, before)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.equal(over, 0)
  })
})
