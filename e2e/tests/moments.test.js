/** Headlines: what just happened, one at a time, in nobody's way. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, DESKTOP, openPage, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeBoard, changeSheet, isPastDays, isPastHours, isQuarters } from '../support/sheet.js'

const demo = useDemo()
const headline = (page) => page.locator('.moment-head')

/** Nobody has a past: then only what happens on the board is told. */
async function withoutPast(page) {
  await changeSheet(
    page,
    (url) => isPastDays(url) || isPastHours(url),
    (rows) => (rows.length = 0),
  )
}

/** Teams that stand still, of which the third goes past the second once `state.passed` is set. */
async function race(page, state) {
  await changeBoard(page, (rows) => {
    rows.sort((a, b) => (a.team < b.team ? -1 : 1))
    rows.forEach((row, index) => (row.tokens = 1_000_000 - index * 1_000))
    if (state.passed) rows[2].tokens = rows[1].tokens + 1
    state.names = rows.map((row) => row.team)
  })
  // An hour ago they stood as they do now.
  await changeSheet(page, isQuarters, (rows) => (rows.length = 0))
}

for (const path of ['/', '/present']) {
  test(`${path}: who passes whom is told when it happens, by who rose, and goes away by itself`, async () => {
    const state = { passed: false }
    const { page, close } = await openPage(demo.browser)
    await withoutPast(page)
    await race(page, state)
    await page.goto(`${demo.url}${path}?range=week&tz=UTC`)
    await page.locator('.step-1').waitFor()
    await page.locator('.seal.live').waitFor()
    assert.equal(await headline(page).count(), 0, 'nothing has happened')
    state.passed = true
    await headline(page).waitFor()
    assert.equal(await headline(page).textContent(), `${state.names[2]} just passed ${state.names[1]}`)
    assert.equal(await page.locator('.moment-more').textContent(), 'Rank 2 by Tokens')
    assert.equal(await page.locator('[role="status"]', { has: headline(page) }).count(), 1, 'it is read aloud')
    await picture(page, `moment-${path === '/' ? 'board' : 'present'}`)
    await headline(page).waitFor({ state: 'detached', timeout: 15_000 })
    // The way back is told to be one pair's business, and that not again so soon.
    state.passed = false
    await page.waitForTimeout(16_000)
    assert.equal(await headline(page).count(), 0)
    await close()
  })
}

/** The first team by name is having its best day, after three others, on which nobody else used anything. */
async function bestDay(page) {
  await changeSheet(page, isPastHours, (rows) => (rows.length = 0))
  await changeSheet(page, isPastDays, (rows, sheet) => {
    const days = sheet.buckets.slice(-4).map((bucket) => bucket.name)
    const [{ team, team_id }] = rows
    rows.length = 0
    days.forEach((bucket, index) => rows.push({ bucket, team, team_id, tokens: 1_000 + index }))
  })
}

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries({
    desktop: DESKTOP,
    phone: PHONE,
    small: { width: 1024, height: 768 },
  })) {
    test(`a headline moves nothing, covers no button and has no violations, ${colorScheme}, ${size}`, async () => {
      const { page, close } = await openPage(demo.browser, { colorScheme, viewport, reducedMotion: 'reduce' })
      await bestDay(page)
      await page.addInitScript(() => {
        window.shifted = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
        }).observe({ type: 'layout-shift', buffered: true })
      })
      await page.goto(`${demo.url}/?range=week&tz=UTC`)
      await boardReady(page)
      await headline(page).waitFor()
      assert.match(await headline(page).textContent(), /^Best day so far for /)
      assert.match(
        await page.locator('.moment-more').textContent(),
        /^1,003 tokens, more than on any of the 3 days before$/,
      )
      const running = await page.evaluate(
        () =>
          document
            .querySelector('.moment')
            .getAnimations()
            .filter((one) => one.effect.getTiming().duration > 1).length,
      )
      assert.equal(running, 0, 'nothing glides where that is not wanted')
      await picture(page, `moment-best-${size}-${colorScheme}`)
      await assertAccessible(page, 'the board with a headline')
      // What is below it can be used.
      await page.locator('.row .icon-button').first().click()
      assert.ok((await page.evaluate(() => window.shifted)) <= 0.02)
      await page.getByRole('button', { name: 'Close this headline' }).click()
      await headline(page).waitFor({ state: 'detached' })
      await close()
    })
  }
}

test('headlines can be switched off, which is remembered, and on again from the commands', async () => {
  const { page, close } = await openPage(demo.browser)
  await bestDay(page)
  await page.goto(`${demo.url}/?range=week&tz=UTC`)
  await headline(page).waitFor()
  await page.getByRole('button', { name: 'Look and language' }).click()
  await page.getByLabel('Headlines of what just happened').uncheck()
  await headline(page).waitFor({ state: 'detached' })
  await page.reload()
  await boardReady(page)
  await page.waitForTimeout(6_000)
  assert.equal(await headline(page).count(), 0)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('headlines on')
  await page.keyboard.press('Enter')
  await headline(page).waitFor()
  await close()
})

test('a team that rose within the hour has a mark, and no other', async () => {
  const { page, close } = await openPage(demo.browser)
  await withoutPast(page)
  const state = { passed: false }
  await race(page, state)
  // The third used what it is ahead by in this quarter hour: an hour ago it was last.
  await changeSheet(page, isQuarters, (rows, sheet) => {
    const { name: bucket } = sheet.buckets.findLast(({ start }) => start && Date.parse(start) <= Date.now())
    const third = rows.find((row) => row.team === state.names[2])
    rows.length = 0
    rows.push({
      ...third,
      bucket,
      tokens: 500_000,
      requests: 0,
      successful_requests: 0,
      failed_requests: 0,
      spend_usd: 0,
    })
  })
  await page.goto(`${demo.url}/?range=week&tz=UTC`)
  await boardReady(page)
  const mark = page.locator('.hour-mark')
  await mark.waitFor()
  const places = state.names.length - 3
  assert.equal(await mark.count(), 1)
  assert.match(
    await mark.textContent(),
    new RegExp(`▲ ${places} in 1 h.*Up ${places} places since \\d+:\\d+ [AP]M`, 's'),
  )
  assert.equal(await page.locator('.row', { has: mark }).locator('.row-name a').textContent(), state.names[2])
  await headline(page)
    .filter({ hasText: `${state.names[2]} climbed ${places} places in the last hour` })
    .waitFor()
  await page.locator('.row', { has: mark }).locator('.row-name a').click()
  const before = page.locator('.team-moments div', { hasText: 'Rank by Tokens at' }).locator('dd')
  assert.equal((await before.textContent()).trim(), String(state.names.length))
  await close()
})

test('a team’s page tells its best day and its days in a row, as the API has them', async () => {
  await demo.visit('/?range=week&tz=UTC', {}, async (page) => {
    await boardReady(page)
    await page.locator('.board-list .row-name a').first().click()
    const fact = (name) =>
      page.locator('.team-moments div', { has: page.getByText(name, { exact: true }) }).locator('dd')
    await fact('Best day').waitFor()
    const id = new URL(page.url()).pathname.split('/').at(-1)
    const best = await page.evaluate(async (team) => {
      const start = new Date(Date.now() - 89 * 86_400_000).toISOString().slice(0, 10)
      const sheet = await fetch(
        `/api/v1/query?grain=1d&measures=tokens&tz=UTC&start_date=${start}&team_id=${team}`,
      ).then((one) => one.json())
      const days = sheet.rows.map(([, tokens]) => tokens)
      return { tokens: Math.max(...days.slice(0, -1)), days: days.length }
    }, id)
    const told = await fact('Best day').textContent()
    const tokens = Number(told.match(/([\d,]+) tokens/)[1].replaceAll(',', ''))
    // Today may be the best day, and grows meanwhile.
    assert.ok(told.includes('Today') ? tokens > best.tokens : tokens === best.tokens, `${told} ${JSON.stringify(best)}`)
    assert.match(await fact('Streak').textContent(), new RegExp(`${best.days} days in a row`))
  })
})
