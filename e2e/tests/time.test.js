import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardReady, chartsDrawn, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { isBoard } from '../support/sheet.js'

const demo = useDemo()

test('letters choose the period, arrows step, X compares, ? explains', async () => {
  await demo.visit('/', {}, async (page) => {
    await page.locator('.range-bar').waitFor()
    const keys = { e: 'yesterday', 7: 'week', w: 'week', t: 'thirty', m: 'month', y: 'year', d: 'today' }
    for (const [key, preset] of Object.entries(keys)) {
      await page.keyboard.press(key)
      await page.waitForURL(new RegExp(`range=${preset}`))
    }
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(/range=yesterday/)
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/range=today/)
    await page.keyboard.press('x')
    await page.waitForURL(/compare=off/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })
})

test('days of one’s own, in UTC', async () => {
  await demo.visit('/', {}, async (page) => {
    await page.getByRole('button', { name: 'Custom' }).click()
    const today = new Date().toISOString().slice(0, 10)
    const first = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10)
    await page.getByLabel('From', { exact: true }).fill(today)
    await page.getByLabel('To', { exact: true }).fill(first)
    await page.getByText('The last day is before the first.').waitFor()
    await page.getByLabel('From', { exact: true }).fill(first)
    await page.getByLabel('To', { exact: true }).fill(today)
    const asked = page.waitForRequest((request) =>
      request.url().includes(`/api/v1/query?start_date=${first}&end_date=${today}`),
    )
    await page.getByRole('button', { name: 'Show these days' }).click()
    await asked
    const utc = page.waitForRequest(
      (request) => isBoard(request.url()) && request.url().includes('tz=UTC'),
    )
    await page.getByLabel('Time zone').selectOption('UTC')
    await utc
    await boardReady(page)
  })
})

test('a link reproduces the view, and the next visit begins where this one ended', async () => {
  const link = '/charts?range=week&tz=UTC&by=model&grain=1h&shape=lines&table=models&compare=off'
  await demo.visit(link, {}, async (page) => {
    await chartsDrawn(page)
    const pressed = await page.locator('.chart-card').first().locator('[aria-pressed="true"]').allTextContents()
    assert.deepEqual(
      pressed.map((text) => text.trim()),
      ['Model', 'Hour', 'Lines'],
    )
    await page.locator('.chart-card table').waitFor()
    await page.goto(`${demo.url}/`)
    await page.waitForURL(/range=week&tz=UTC&compare=off.*shape=lines/)
  })
})

test('the palette goes anywhere by keyboard alone', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const name = (await rowNames(page))[2]
    await page.keyboard.press('Control+k')
    await page.keyboard.type(`team ${name}`)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('dark')
    await page.keyboard.press('Enter')
    await page.locator('[data-theme="dark"]').waitFor({ state: 'attached' })
  })
})

test('the page speaks German where the browser does', async () => {
  await demo.visit('/?range=week', { locale: 'de-DE' }, async (page) => {
    await page.getByRole('heading', { level: 1, name: 'Rangliste' }).waitFor()
    await boardReady(page)
    assert.equal(await page.locator('html').getAttribute('lang'), 'de')
    assert.match(await page.locator('.board-list .col-value strong').first().textContent(), /^\d{1,3}(\.\d{3})+$/)
  })
})
