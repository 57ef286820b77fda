/** Why a figure changed: from where changes are shown to the parts that make them up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, chartsDrawn, DESKTOP, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const dialog = (page) => page.getByRole('dialog', { name: 'Why did it change?' })
const told = (page) => dialog(page).locator('.why-text').waitFor()

/** The exact figures, which the titles of the rounded ones have: before, the parts, now. */
async function figures(page) {
  const titles = await dialog(page)
    .locator('.fall-value')
    .evaluateAll((all) => all.map((one) => one.title))
  return { before: titles[0], parts: titles.slice(1, -1), now: titles.at(-1) }
}
const SCALE = 30
/** An exact decimal as a whole number. */
function units(text) {
  const [whole, fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(SCALE, '0'))
  return text.startsWith('-') ? -value : value
}
const ask = (page, query) => page.evaluate((url) => fetch(`/api/v1/query?${url}`).then((one) => one.json()), query)

for (const measure of ['tokens', 'spend_usd', 'requests', 'failed_requests']) {
  test(`the parts of ${measure} add up to the change, and to the API's own sums, by team, key and model`, async () => {
    await demo.visit(`/?start=2026-01-01&end=2026-01-01&tz=UTC`, {}, async (page) => {
      // Days that are over: their figures stand still between two questions.
      const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
      for (const split of ['team', 'api_key', 'model']) {
        await page.goto(`${demo.url}/?start=${day(3)}&end=${day(2)}&tz=UTC&why=${measure}&why_by=${split}`)
        await told(page)
        const { before, parts, now } = await figures(page)
        assert.ok(parts.length > 2, `${split}: ${parts}`)
        const sum = parts.reduce((all, part) => all + units(part), 0n)
        assert.equal(units(before) + sum, units(now), split)
        const sheet = await ask(
          page,
          `start_date=${day(3)}&end_date=${day(2)}&tz=UTC&measures=${measure}&compare=previous`,
        )
        assert.ok(Math.abs(Number(now) - sheet.totals[measure]) < 1e-9, `${now} ${sheet.totals[measure]}`)
        assert.ok(Math.abs(Number(before) - sheet.compare.totals[measure]) < 1e-9, `${before}`)
      }
    })
  })
}

test('opens from the totals, a row, a team’s details, a team’s page and the money, and goes on to a team', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    await page
      .locator('.headline')
      .getByRole('button', { name: /^Tokens .*: why\?$/ })
      .click()
    await told(page)
    assert.match(
      await dialog(page).locator('.why-text').textContent(),
      /^Tokens went from .* to .* against .*, mostly through /,
    )
    await picture(page, 'why-board')
    await dialog(page).getByRole('button', { name: 'Spend', exact: true }).click()
    await page.waitForURL(/why=spend_usd/)
    await told(page)
    const team = dialog(page).locator('button.fall-name').first()
    const name = (await team.textContent()).trim()
    await team.click()
    await dialog(page).locator('.why-of strong', { hasText: name }).waitFor()
    await told(page)
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    await page.waitForFunction(() => !window.location.search.includes('why'))

    await page.locator('.board-list .change').first().click()
    await told(page)
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: /^Keys and models of/ })
      .first()
      .click()
    await page.locator('.key-why button').click()
    await told(page)
    await page.keyboard.press('Escape')
    await page.locator('.board-list .row-name a').first().click()
    await page
      .locator('.team-head')
      .getByRole('button', { name: /^Success rate .*: why\?$/ })
      .click()
    await told(page)
    assert.match(page.url(), /why=failed_requests/)
    await page.goto(`${demo.url}/money?range=week`)
    await chartsDrawn(page)
    await page.getByRole('button', { name: /^Spend .*: why\?$/ }).click()
    await told(page)
  })
})

test('one question, whatever is told apart', async () => {
  await demo.visit('/?range=yesterday&tz=UTC', {}, async (page) => {
    await boardReady(page)
    const asked = []
    page.on('request', (request) => request.url().includes('by=team%2Capi_key%2Cmodel') && asked.push(request.url()))
    await page
      .locator('.headline')
      .getByRole('button', { name: /^Requests .*: why\?$/ })
      .click()
    await told(page)
    await dialog(page).getByRole('button', { name: 'Model', exact: true }).click()
    await page.waitForURL(/why_by=model/)
    await told(page)
    assert.equal(new Set(asked).size, 1, `${asked}`)
    assert.match(asked[0], /compare=previous_to_now/)
  })
})

test('without a comparison there is nothing to explain, and that is said', async () => {
  await demo.visit('/?range=week&compare=off&why=tokens', {}, async (page) => {
    await dialog(page).getByText('so the change cannot be told apart').waitFor()
  })
})

for (const [locale, name] of [
  ['en-US', 'Why did it change?'],
  ['ar', 'لماذا تغيّر؟'],
]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${locale}, ${colorScheme}: no violations, nothing wider than the screen`, async () => {
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await demo.visit('/?range=week&why=spend_usd&why_by=model', { locale, colorScheme, viewport }, async (page) => {
          await page.getByRole('dialog', { name }).locator('.why-text').waitFor()
          await picture(page, `why-${locale}-${colorScheme}-${size}`)
          await assertAccessible(page, `why, ${locale}`)
          const over = await page.locator('dialog.why').evaluate((one) => one.scrollWidth - one.clientWidth)
          assert.equal(over, 0)
        })
      }
    })
  }
}
