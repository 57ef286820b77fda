import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, boardReady, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()

test('a first visit shows the podium, the ranks and how far to trust them', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    assert.equal(await page.title(), 'Leaderboard · Podium')
    assert.equal(await page.locator('.step').count(), 3)
    const names = await rowNames(page)
    assert.deepEqual(await page.locator('.step-name').allTextContents(), names.slice(0, 3))
    await page.locator('.seal.live', { hasText: /Live.*Complete.*newest figures .* old/ }).waitFor()
    const answer = await page.evaluate(() => fetch('/api/v1/leaderboard?tz=UTC').then((r) => r.status))
    assert.equal(answer, 200)
  })
})

test('the first load is small, and fetches nothing from elsewhere', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const loaded = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(
        ({ name, encodedBodySize, initiatorType }) => ({ name, size: encodedBodySize, initiatorType }),
      ),
    )
    assert.ok(
      loaded.every(({ name }) => name.startsWith(demo.url)),
      'one origin',
    )
    const page_ = loaded.filter(({ name }) => !/\/(api|tokens)\b/.test(new URL(name).pathname))
    const bytes = page_.reduce((sum, { size }) => sum + size, 0)
    const usableMs = await page.evaluate(() => Math.round(performance.now()))
    writeFileSync(artifact('first-load.json'), `${JSON.stringify({ bytes, usable_ms: usableMs }, null, 2)}\n`)
    console.log({ bytes, usable_ms: usableMs })
    assert.ok(bytes < 120 * 1024, `${bytes} bytes`)
  })
})

test('everything on a row can be reached by keyboard', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip')
    // Once the period before is known, the change leads to its reason.
    await page.locator('.board-list .change').first().waitFor()
    await page.locator('.board-list .row-name a').first().focus()
    await page.keyboard.press('Tab')
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /: why\?$/)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.locator('section.mine').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.key-cards > li').first().waitFor()
    // The focus survives a new order of the rows.
    const focused = await page.evaluate(() => document.activeElement.getAttribute('aria-label'))
    assert.match(focused, /^Keys and models of/)
  })
})

test('ranking by another measure reorders the rows', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    await page.getByRole('button', { name: 'Cost per 1k tokens' }).click()
    await page.waitForURL(/measure=usd_per_1k_tokens/)
    const shown = await page.locator('.board-list .col-value strong').allTextContents()
    const prices = shown.map((text) => Number(text.replace(/[^\d.]/g, '')))
    assert.deepEqual(
      prices,
      prices.toSorted((a, b) => a - b),
      'the cheapest first',
    )
  })
})

test('search takes several terms, and says what to do when nothing is found', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const [first, second] = await rowNames(page)
    await page.keyboard.press('/')
    await page.keyboard.type(`${first.slice(0, 8).toUpperCase()}, ${second}`)
    await page.waitForFunction(() => document.querySelectorAll('.board-list .row').length === 2)
    assert.deepEqual(await rowNames(page), [first, second])
    await page.locator('#search').fill('nobody is called that')
    await page.getByText('No team of that name').waitFor()
    await page.locator('#search').press('Escape')
    await boardReady(page)
  })
})

test('a team opens to its keys and models, which filter everything', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const [first] = await rowNames(page)
    const before = await page.locator('.board-list .col-value strong').first().textContent()
    await page.getByRole('button', { name: `Keys and models of ${first}` }).click()
    const model = page.locator('.board-panel button.model-name').first()
    const name = await model.textContent()
    await model.click()
    const chip = page.locator('.chip', { hasText: name.trim() })
    await chip.waitFor()
    await page.waitForFunction(
      (text) => document.querySelector('.board-list .col-value strong')?.textContent !== text,
      before,
    )
    await chip.click()
    await page.locator('.chips').waitFor({ state: 'detached' })
  })
})

test('the own team stays in sight, and is remembered', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const names = await rowNames(page)
    const mine = names[4]
    await page.getByRole('button', { name: `${mine} is my team` }).click()
    assert.match(await page.locator('.mine').first().textContent(), /to rank \d/)
    await page.reload()
    await boardReady(page)
    assert.equal(await page.locator('section.mine .mine-name').textContent(), mine)
  })
})

test('a team has a page of its own, by link', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const [first] = await rowNames(page)
    await page.locator('.board-list .row-name a').first().click()
    await page.getByRole('heading', { level: 1, name: first }).waitFor()
    await page.getByText('Rank 1 by Tokens').waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: first }).waitFor()
    await page.goBack()
    await boardReady(page)
  })
})
