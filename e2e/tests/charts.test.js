import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, chartsDrawn } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const card = (page, title) =>
  page.locator('.chart-card', { has: page.getByRole('heading', { name: title, exact: true }) })

async function save(page, button, name) {
  const download = page.waitForEvent('download')
  await button.click()
  const path = artifact(name)
  await (await download).saveAs(path)
  return readFileSync(path)
}

test('every chart is drawn, and has its table, CSV and image', async () => {
  await demo.visit('/charts?range=week', { viewport: { width: 1440, height: 4200 } }, async (page) => {
    const titles = [
      'Tokens over time',
      'Tokens per model',
      'Success rate by team',
      'Kinds of tokens',
      'Failures over time',
      'Cost efficiency',
      'Hour of day',
      'Weekday by hour',
    ]
    for (const title of titles) await card(page, title).locator('.echart[data-drawn="true"]').waitFor()
    for (const [index, title] of titles.entries()) {
      const one = card(page, title)
      const image = await save(page, one.getByRole('button', { name: 'Image' }), `chart-${index}.png`)
      assert.equal(image.subarray(1, 4).toString(), 'PNG', title)
      await one.getByRole('button', { name: 'Table', exact: true }).click()
      await one.locator('tbody tr').first().waitFor()
      const csv = (await save(page, one.getByRole('button', { name: 'CSV' }), `chart-${index}.csv`)).toString()
      const columns = await one.locator('thead th').count()
      const head = csv.replace('\uFEFF', '').split('\r\n')[0].split(',')
      // Rows that are buckets of time begin with the instant as well.
      assert.equal(
        head.length,
        head[0] === 'start' ? columns + 1 : columns,
        `${title}: the CSV has the table's columns`,
      )
    }
  })
})

test('the sum of the chart is the sum of the leaderboard', async () => {
  await demo.visit('/charts?range=yesterday&tz=UTC&grain=1d&table=time', {}, async (page) => {
    await card(page, 'Tokens over time').locator('tbody td').first().waitFor()
    const board = await page.evaluate(() => {
      const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
      return fetch(`/api/v1/leaderboard?start_date=${day}&end_date=${day}&tz=UTC`).then((answer) => answer.json())
    })
    const cells = await card(page, 'Tokens over time').locator('tbody td.number').allTextContents()
    const numbers = cells.map((text) => Number(text.replaceAll(',', '')))
    const used = board.teams.filter((team) => team.tokens > 0).length
    const sum = numbers.slice(0, used).reduce((all, one) => all + one, 0)
    assert.equal(sum, board.totals.tokens)
  })
})

test('by model, by provider, as lines, and finer: the address follows', async () => {
  await demo.visit('/charts?range=yesterday', {}, async (page) => {
    await chartsDrawn(page)
    const time = card(page, 'Tokens over time')
    for (const [name, part] of [
      ['Model', 'by=model'],
      ['Provider', 'by=provider'],
      ['Lines', 'shape=lines'],
      ['Hour', 'grain=1h'],
    ]) {
      await time.getByRole('button', { name, exact: true }).click()
      await page.waitForURL(new RegExp(part))
    }
    await time.locator('.legend-item').first().waitFor()
  })
})

test('a click on a bar filters everything, and the chip takes it back', async () => {
  await demo.visit('/charts?range=week', {}, async (page) => {
    await chartsDrawn(page)
    const bars = card(page, 'Tokens per model').locator('.echart')
    await bars.scrollIntoViewIfNeeded()
    const box = await bars.boundingBox()
    const answer = page.waitForRequest(
      (request) => request.url().includes('/api/v1/query') && request.url().includes('model='),
    )
    // The longest bar is the first one from above.
    await bars.click({ position: { x: box.width * 0.4, y: 34 } })
    await answer
    await page.locator('.chip').waitFor()
    await page.locator('.chip').click()
    await page.locator('.chips').waitFor({ state: 'detached' })
  })
})

test('the legend filters by team, by keyboard as well', async () => {
  await demo.visit('/charts?range=week', {}, async (page) => {
    await chartsDrawn(page)
    const item = card(page, 'Tokens over time').locator('button.legend-item').first()
    const name = (await item.textContent()).trim()
    await item.focus()
    await page.keyboard.press('Enter')
    await page.locator('.chip', { hasText: name }).waitFor()
    await page.waitForURL(/team_id=/)
  })
})
