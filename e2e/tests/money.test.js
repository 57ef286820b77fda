/** What usage costs: over time, per million tokens, and by the end of the month. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartsDrawn, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const card = (page, title) =>
  page.locator('.chart-card', { has: page.getByRole('heading', { name: title, exact: true }) })
const usd = (text) => Number(text.replace(/[^\d.]/g, ''))

test('the forecast begins with what was spent, has a range, and tells how the last one did', async () => {
  await demo.visit('/money?range=week&tz=UTC', { viewport: { width: 1440, height: 2200 } }, async (page) => {
    await chartsDrawn(page)
    await page.locator('.forecast-text span').first().waitFor()
    const text = await page.locator('.forecast-text span').first().textContent()
    const today = new Date().toISOString().slice(0, 10)
    if (today.endsWith('-01')) return
    const [, spent, expected, low, high] = text.match(
      /(\$[\d,.]+) until yesterday, (\$[\d,.]+) expected by the end of the month, probably between (\$[\d,.]+) and (\$[\d,.]+\d)/,
    )
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const sheet = await page.evaluate(
      ([first, last]) =>
        fetch(`/api/v1/query?start_date=${first}&end_date=${last}&tz=UTC&measures=spend_usd`).then((one) => one.json()),
      [`${today.slice(0, 8)}01`, yesterday],
    )
    assert.ok(Math.abs(usd(spent) - sheet.totals.spend_usd) < 0.01, `${spent} ${sheet.totals.spend_usd}`)
    assert.ok(usd(spent) <= usd(low) && usd(low) <= usd(expected) && usd(expected) <= usd(high), text)
    await picture(page, 'money')
    const one = card(page, 'This month')
    await one.getByRole('button', { name: 'Table', exact: true }).click()
    const days = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(5, 7)), 0)).getUTCDate()
    assert.equal(await one.locator('tbody tr').count(), days, 'every day of the month')
  })
})

test('spend is told by team, model and provider, and adds up', async () => {
  await demo.visit('/money?range=yesterday&tz=UTC&grain=1d&by=provider&table=spend', {}, async (page) => {
    const one = card(page, 'Spend over time')
    await one.locator('tbody td').first().waitFor()
    const cells = await one.locator('tbody td.number').allTextContents()
    const columns = (await one.locator('thead th').allTextContents()).map((text) => text.trim())
    const providers = columns.length - 1 - columns.filter((name) => ['Period before', 'State'].includes(name)).length
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const sheet = await page.evaluate(
      (date) =>
        fetch(`/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&measures=spend_usd`).then((answer) =>
          answer.json(),
        ),
      day,
    )
    const sum = cells.slice(0, providers).reduce((all, text) => all + Number(text.replaceAll(',', '')), 0)
    assert.ok(Math.abs(sum - sheet.totals.spend_usd) < 0.001, `${sum} ${sheet.totals.spend_usd}`)
  })
})

test('prices per million tokens are those of the API', async () => {
  await demo.visit('/money?range=week&tz=UTC&table=prices', {}, async (page) => {
    const one = card(page, 'Price per million tokens')
    await one.locator('tbody tr').first().waitFor()
    const address = await one.getByRole('link', { name: /query behind/ }).getAttribute('href')
    const sheet = await page.evaluate((url) => fetch(url).then((answer) => answer.json()), address)
    const place = sheet.columns.findIndex(({ name }) => name === 'usd_per_million_tokens')
    const shown = Number((await one.locator('tbody td.number').first().textContent()).replaceAll(',', ''))
    assert.ok(Math.abs(shown - sheet.rows[0][place]) < 0.01, `${shown} ${sheet.rows[0][place]}`)
  })
})
