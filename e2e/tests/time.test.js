import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardReady, chartsDrawn, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { isBoard } from '../support/sheet.js'
import { dayIn, lateZone } from '../support/zone.js'

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
    const utc = page.waitForRequest((request) => isBoard(request.url()) && request.url().includes('tz=UTC'))
    await page.getByRole('button', { name: /^Time zone/ }).click()
    await page.locator('.zone-choice', { hasText: /^UTC/ }).click()
    await utc
    await boardReady(page)
  })
})

test('a link reproduces the view; a visit without one begins with today and the own zone', async () => {
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
    await page.waitForURL(/\/\?range=today&tz=Europe%2FBerlin$/)
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

test('what one prefers lasts, what one looked at does not', async () => {
  await demo.visit('/', {}, async (page) => {
    await boardReady(page)
    await page.getByRole('button', { name: /^Time zone/ }).click()
    await page.getByLabel('City or time zone').fill('kathmandu')
    await page.locator('.zone-choice', { hasText: 'Kathmandu' }).click()
    await page.getByRole('button', { name: 'Spend', exact: true }).click()
    await page.keyboard.press('7')
    await page.waitForURL(/range=week&tz=Asia%2FKat[a-z]*mandu&measure=spend_usd/)
    await page.goto(`${demo.url}/`)
    await page.waitForURL(/range=today&tz=Asia%2FKat[a-z]*mandu&measure=spend_usd/)
    // A link says all that it is about, and changes nobody's preferences.
    await page.goto(`${demo.url}/?range=yesterday&tz=UTC`)
    await page.waitForURL(/range=yesterday&tz=UTC$/)
  })
})

test('a zone that is on no list can be typed', async () => {
  await demo.visit('/', {}, async (page) => {
    await boardReady(page)
    await page.getByRole('button', { name: /^Time zone/ }).click()
    await page.getByLabel('City or time zone').fill('Etc/GMT+5')
    await page.keyboard.press('Enter')
    await page.waitForURL(/tz=Etc%2FGMT%2B5/)
    await boardReady(page)
  })
})

test('going back undoes a period, then a filter, and keeps the view', async () => {
  await demo.visit('/?range=today&tz=UTC', {}, async (page) => {
    await boardReady(page)
    await page
      .getByRole('button', { name: /^Keys and models of/ })
      .first()
      .click()
    await page.locator('.board-panel button.model-name').first().click()
    await page.locator('.chip').waitFor()
    await page.keyboard.press('7')
    await page.waitForURL(/range=week/)
    await page.goBack()
    await page.waitForURL(/range=today.*model=/)
    assert.equal(await page.locator('.chip').count(), 1)
    await page.goBack()
    await page.waitForURL(/range=today/)
    await page.locator('.chips').waitFor({ state: 'detached' })
    await page.goForward()
    await page.locator('.chip').waitFor()
    await boardReady(page)
  })
})

test('a clock that is wrong is explained, and not believed', async () => {
  await demo.visit('/about', {}, async (page) => {
    await page.clock.install({ time: Date.now() - 26 * 3_600_000 })
    await page.goto(`${demo.url}/?range=today&tz=UTC`)
    await page.locator('.seal.doubt', { hasText: /clock is .* slow/ }).waitFor()
    // Today is Podium's today.
    const today = new Date().toISOString().slice(0, 10)
    await page.waitForRequest((request) => isBoard(request.url()) && request.url().includes(`start_date=${today}`))
    await page.locator('.seal').click()
    await page.getByText('follow Podium’s clock instead').waitFor()
  })
})

test('a running day is compared up to the same time, the whole day by choice, and what changed is said', async () => {
  // In the first quarter hour of a day there is nothing of the day before to compare with.
  const zone = lateZone()
  const tz = encodeURIComponent(zone)
  await demo.visit(`/?range=today&tz=${tz}`, {}, async (page) => {
    await boardReady(page)
    const asked = page.waitForRequest(
      (request) => isBoard(request.url()) && /compare=previous(&|$)/.test(request.url()),
    )
    const change = page.locator('.board-list .change').first()
    // Up to the same time is known once the hours of both days are read.
    await page.waitForFunction(() => {
      const title = document.querySelector('.board-list .change')?.title
      return /^against .*, until \d{1,2}:\d{2}/.test(title)
    })
    assert.match(await change.getAttribute('aria-label'), /^Tokens [+-]?\d+%/)
    await page.getByLabel('Compare with').selectOption('whole')
    await asked
    await page.waitForFunction(() => {
      const title = document.querySelector('.board-list .change')?.title
      return /^against /.test(title) && !/until/.test(title)
    })
    // The change stands in a column of the measure that it is of.
    await page.getByRole('button', { name: 'Requests', exact: true }).click()
    assert.equal(await page.locator('.board-head .col-change').textContent(), 'Requests ±')
    const requestsOn = async (date) => {
      const url = `${demo.url}/api/v1/query?start_date=${date}&end_date=${date}&tz=${tz}&measures=requests`
      return (await (await fetch(url)).json()).totals.requests
    }
    const [now, before] = [await requestsOn(dayIn(zone, 0)), await requestsOn(dayIn(zone, 1))]
    const shown = page.locator('.headline .totals > div', { hasText: 'Requests' }).locator('.change')
    const percent = Number((await shown.textContent()).match(/[+-]?\d+/)[0])
    assert.ok(Math.abs(percent - 100 * (now / before - 1)) < 2, `${percent} ${now} ${before}`)
  })
})
