/** Any measure by any dimensions: one question behind the picture, the table, the files and the command. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartsDrawn, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const number = (text) => Number(text.replaceAll(',', ''))

test('any measure by one dimension, then by two, then over time: the address follows, and the table agrees', async () => {
  await demo.visit('/explore?range=yesterday&tz=UTC', {}, async (page) => {
    await chartsDrawn(page)
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const total = (measure) =>
      page.evaluate(
        ([date, name]) =>
          fetch(`/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&measures=${name}`)
            .then((answer) => answer.json())
            .then((sheet) => sheet.totals[name]),
        [day, measure],
      )
    const sum = async () =>
      (await page.locator('.explore-card td.number').allTextContents()).reduce((all, text) => all + number(text), 0)
    assert.equal(await sum(), await total('tokens'))

    await page.getByLabel('Measure').selectOption('Failed requests')
    await page.locator('.explore-tools select').nth(1).selectOption('Provider')
    await page.locator('.explore-tools select').nth(2).selectOption('Team')
    await page.waitForURL(/what=failed_requests&split=provider%2Cteam/)
    await page.locator('.explore-card thead', { hasText: /Provider.*Team.*Failed requests/ }).waitFor()
    assert.equal(await sum(), await total('failed_requests'))
    await picture(page, 'explore-two')

    await page.getByLabel('For each').selectOption('Hour')
    await page.waitForURL(/each=1h/)
    await page.locator('.explore-card thead', { hasText: 'Time' }).waitFor()
    const all = page.getByRole('button', { name: /^Show all/ })
    if (await all.isVisible()) await all.click()
    assert.equal(await sum(), await total('failed_requests'))
    await page.goBack()
    await page.waitForURL((url) => !url.search.includes('each='))
  })
})

test('the command and the files are of the same question', async () => {
  await demo.visit('/explore?range=yesterday&tz=UTC&what=spend_usd&split=model', {}, async (page) => {
    await chartsDrawn(page)
    const command = await page.locator('.explore-command code').textContent()
    const [, url] = command.match(/^curl '(.*)'$/)
    const sheet = await page.evaluate((of) => fetch(of).then((answer) => answer.json()), url)
    const rows = await page.locator('.explore-card tbody tr').count()
    assert.equal(sheet.rows.length, rows)
    const link = await page.getByRole('link', { name: /Parquet file/ }).getAttribute('href')
    assert.equal(new URL(link, demo.url).searchParams.get('by'), 'model')
    assert.ok(link.endsWith('&format=parquet'))
    assert.ok(url.endsWith(link.replace('&format=parquet', '')), 'the address is the same but for the format')
  })
})

test('filters are chips, chosen from what was used', async () => {
  await demo.visit('/explore?range=week&tz=UTC', {}, async (page) => {
    await chartsDrawn(page)
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByLabel('Filter by').selectOption('Model')
    await page.getByLabel('Search values').fill('gpt-5.2')
    await page.locator('.picker-list input').first().check()
    await page.locator('.chip', { hasText: 'gpt-5.2' }).waitFor()
    await page.waitForURL(/model=acme%2FOpenAI%2Fgpt-5.2/)
    await page.keyboard.press('Escape')
    await chartsDrawn(page)
    await page.locator('.chip', { hasText: 'gpt-5.2' }).click()
    await page.locator('.chips').waitFor({ state: 'detached' })
  })
})

test('hours of the week, rates and prices have pictures, too', async () => {
  for (const [path, name] of [
    ['/explore?range=week&each=weekday_hour&what=requests', 'explore-week'],
    ['/explore?range=week&each=1d&split=model&what=success_rate', 'explore-rate'],
    ['/explore?range=week&each=hour_of_day&split=team', 'explore-hours'],
    ['/explore?range=month&each=1w&split=none&what=usd_per_million_tokens', 'explore-price'],
    ['/explore?range=yesterday&split=endpoint,mcp_tool', 'explore-odd'],
  ]) {
    await demo.visit(path, { expected: [/Failed to load resource/] }, async (page) => {
      await page.locator('.echart[data-drawn="true"], .note').first().waitFor()
      await picture(page, name)
    })
  }
})
