/** The projector: what two hundred people look at. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DESKTOP, FOUR_K, openPage, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeBoard, isBoard } from '../support/sheet.js'

const demo = useDemo()
const FULL_HD = { width: 1920, height: 1080 }

/** Everything that is a figure. */
const figures = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.step-value, .step-name, .race-name, .race-value, .ticker dd')]
      .map((one) => one.textContent)
      .join('\n'),
  )
const raceReady = (page) => page.locator('.race-row').first().waitFor()

/** As many teams as one likes, by copies of those that there are. */
async function manyTeams(page, many, nameOf = (index) => `Team ${index}`) {
  await changeBoard(page, (rows) => {
    const some = rows.slice(0)
    rows.length = 0
    for (let index = 0; index < many; index++) {
      const tokens = 1_000_000 - index * 10_000
      rows.push({ ...some[index % some.length], team: nameOf(index), team_id: `copy-${index}`, tokens })
    }
  })
}

test('when the bell rings everything stands still, for a page that is loaded again as well', async () => {
  await demo.visit('/about', {}, async (page) => {
    const end = `${new Date(Date.now() + 7_000).toISOString().slice(0, 19)}Z`
    await page.goto(`${demo.url}/present?range=today&tz=UTC&title=Final&until=${encodeURIComponent(end)}`)
    await raceReady(page)
    await page.getByText('Time’s up!').waitFor()
    await page.getByText(/final, as of/).waitFor()
    const stood = await figures(page)
    const version = await page.evaluate(() => fetch('/api/v1/status').then((one) => one.json()))
    // Usage goes on meanwhile: long enough for dozens of requests.
    await page.waitForTimeout(12_000)
    const later = await page.evaluate(() => fetch('/api/v1/status').then((one) => one.json()))
    assert.ok(later.data_version > version.data_version, 'figures moved at Podium')
    assert.equal(await figures(page), stood)
    await page.reload()
    await raceReady(page)
    assert.equal(await figures(page), stood)
    await picture(page, 'present-bell')
  })
})

test('who comes after the bell is told what stood by the quarter hour', async () => {
  await demo.visit('/about', {}, async (page) => {
    // A quarter hour of today that is over for a while.
    const QUARTER_MS = 900_000
    const end = new Date(Math.floor((Date.now() - 2 * QUARTER_MS) / QUARTER_MS) * QUARTER_MS)
    const day = end.toISOString().slice(0, 10)
    await page.goto(
      `${demo.url}/present?start=${day}&end=${day}&tz=UTC&until=${encodeURIComponent(`${end.toISOString().slice(0, 19)}Z`)}`,
    )
    await raceReady(page)
    const sums = await page.evaluate(
      async ([date, until]) => {
        const ask = (more) =>
          fetch(`/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&measures=requests&${more}`).then((one) =>
            one.json(),
          )
        const sheet = await ask('grain=15m')
        const place = sheet.columns.findIndex(({ name }) => name === 'requests')
        const late = new Set(
          sheet.buckets.filter(({ start }) => Date.parse(start) >= Date.parse(until)).map(({ name }) => name),
        )
        const after = sheet.rows.filter((row) => late.has(row[0])).reduce((sum, row) => sum + row[place], 0)
        return { after, all: (await ask('grain=total')).totals.requests }
      },
      [day, end.toISOString()],
    )
    assert.ok(sums.after > 0, 'something was used since')
    const shown = async () =>
      Number(
        (await page.locator('.ticker > div', { hasText: 'Requests' }).locator('dd').textContent()).replaceAll(',', ''),
      )
    await page.waitForFunction(
      (all) => Number([...document.querySelectorAll('.ticker dd')][2].textContent.replaceAll(',', '')) < all,
      sums.all,
    )
    assert.ok(
      Math.abs((await shown()) - (sums.all - sums.after)) <= 0.02 * sums.all,
      `${await shown()} ${JSON.stringify(sums)}`,
    )
  })
})

test('up to twelve teams are all there; more are in pages that turn, or are turned by hand', async () => {
  const { page, close } = await openPage(demo.browser, { viewport: FULL_HD })
  await manyTeams(page, 12)
  await page.goto(`${demo.url}/present?range=today`)
  await raceReady(page)
  assert.equal(await page.locator('.race-row').count(), 9)
  assert.equal(await page.locator('.race-turn').count(), 0)
  await picture(page, 'present-12')
  await close()

  const more = await openPage(demo.browser, { viewport: FULL_HD })
  await manyTeams(more.page, 26)
  await more.page.goto(`${demo.url}/present?range=today`)
  await more.page.getByText('Ranks 4 to 12 of 26').waitFor()
  await picture(more.page, 'present-26')
  await more.page.getByText('Ranks 13 to 21 of 26').waitFor()
  await more.page.getByRole('button', { name: 'Hold' }).click()
  await more.page.getByRole('button', { name: 'Later ranks' }).click()
  await more.page.getByText('Ranks 22 to 26 of 26').waitFor()
  assert.equal(await more.page.locator('.race-row').count(), 5)
  await more.page.getByRole('button', { name: 'Later ranks' }).click()
  await more.page.getByText('Ranks 4 to 12 of 26').waitFor()
  await more.close()
})

for (const [size, viewport] of Object.entries({
  'full HD': FULL_HD,
  '4K': FOUR_K,
  desktop: DESKTOP,
  small: { width: 1024, height: 768 },
})) {
  test(`names are fitted, not cut, and the height is used: ${size}`, async () => {
    const { page, close } = await openPage(demo.browser, { viewport })
    const long = [
      'The Extraordinarily Long Named Team of Prompt Engineers',
      'Donaudampfschifffahrtsgesellschaftskapitän',
      'A',
    ]
    await manyTeams(page, 8, (index) => `${long[index % long.length]} ${index}`)
    await page.goto(`${demo.url}/present?range=today`)
    await raceReady(page)
    const cut = await page
      .locator('.race-name, .step-name')
      .evaluateAll((names) =>
        names
          .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2)
          .map(
            (one) => `${one.textContent} ${one.scrollWidth}>${one.clientWidth} ${one.scrollHeight}>${one.clientHeight}`,
          ),
      )
    assert.deepEqual(cut, [])
    const box = async (selector) => page.locator(selector).last().boundingBox()
    const [foot, row] = [await box('.present-foot'), await box('.race-row')]
    assert.ok(foot.y + foot.height <= viewport.height + 1, 'nothing has to be scrolled to')
    assert.ok(row.y + row.height > viewport.height * 0.7, `${row.y + row.height} of ${viewport.height}`)
    await picture(page, `present-names-${viewport.width}`)
    await close()
  })
}

test('one zone everywhere: figures, days, clock', async () => {
  await demo.visit('/present?range=today&tz=Pacific%2FAuckland', {}, async (page) => {
    await raceReady(page)
    await page.locator('.present-range', { hasText: 'Auckland' }).waitFor()
    const asked = await page.waitForRequest((request) => isBoard(request.url()))
    assert.match(asked.url(), /tz=Pacific%2FAuckland/)
    const clock = await page.getByRole('timer').textContent()
    const there = await page.evaluate(() =>
      new Date().toLocaleTimeString('en-US', { timeZone: 'Pacific/Auckland', hour: 'numeric', minute: '2-digit' }),
    )
    assert.equal(clock.trim(), there)
    assert.equal(await page.getByText('UTC').count(), 0)
  })
})
