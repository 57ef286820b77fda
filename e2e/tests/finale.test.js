/** The end of an event: three, two, one, awards, and results to keep. */

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { assertAccessible } from '../support/axe.js'
import { artifact, DESKTOP, openPage, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeBoard, changeSheet, isQuarters } from '../support/sheet.js'

const demo = useDemo()
const FULL_HD = { width: 1920, height: 1080 }
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
const EVENING = `${day}T20:00:00Z`
const present = (until = EVENING) =>
  `/present?start=${day}&end=${day}&tz=UTC&title=Final&until=${encodeURIComponent(until)}`

async function openFinale(page) {
  await page.locator('.race-row').first().waitFor()
  await page.getByText(/final, as of/).waitFor()
  await page.getByRole('button', { name: 'Finale' }).click()
  await page.locator('.finale-next').waitFor()
}

/** Past the reveals, to the awards with all their figures. */
async function toAwards(page) {
  for (let step = 0; step < 4; step++) await page.keyboard.press('PageDown')
  await page.locator('.award').first().waitFor()
}

const shownNames = (page) => page.locator('.finale .step-name').allTextContents()
const awards = (page) =>
  page
    .locator('.award')
    .evaluateAll((cards) =>
      Object.fromEntries(
        cards.map((card) => [
          card.querySelector('.award-title').textContent,
          [card.querySelector('.award-names').textContent, card.querySelector('.award-figure').textContent],
        ]),
      ),
    )

test('before the bell there is no finale; after it three, two, one are revealed, by button and by keys', async () => {
  await demo.visit('/about', {}, async (page) => {
    const end = `${new Date(Date.now() + 6_000).toISOString().slice(0, 19)}Z`
    await page.goto(`${demo.url}/present?range=today&tz=UTC&title=Final&until=${encodeURIComponent(end)}`)
    await page.locator('.race-row').first().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Finale' }).count(), 0)
    await page.getByText('Time’s up!').waitFor()
    const podium = await page.locator('.present .step-name').allTextContents()
    await openFinale(page)
    assert.deepEqual(await shownNames(page), [], 'nobody is told yet')
    await page.getByRole('button', { name: 'Reveal place 3' }).click()
    assert.deepEqual(await shownNames(page), [podium[2]])
    await page.keyboard.press('PageDown')
    assert.deepEqual(await shownNames(page), [podium[1], podium[2]])
    assert.equal(await page.locator('canvas.confetti').count(), 0, 'not before the first')
    await page.keyboard.press('ArrowRight')
    assert.deepEqual(await shownNames(page), podium)
    assert.match(await page.locator('.finale [role="status"]').textContent(), new RegExp(`Place 1: ${podium[0]}, `))
    await page.locator('canvas.confetti').waitFor()
    const drawn = await page.waitForFunction(() => {
      const canvas = document.querySelector('canvas.confetti')
      return canvas
        .getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((byte) => byte > 0)
    })
    assert.ok(await drawn.jsonValue())
    await picture(page, 'finale-first')
    await page.keyboard.press('PageUp')
    assert.deepEqual(await shownNames(page), [podium[1], podium[2]])
    await page.keyboard.press('PageDown')
    await page.locator('canvas.confetti').waitFor({ state: 'detached', timeout: 20_000 })
    await page.keyboard.press('Escape')
    await page.locator('.finale').waitFor({ state: 'detached' })
    assert.deepEqual(await page.locator('.present .step-name').allTextContents(), podium, 'what stood still stands')
  })
})

test('the first three can be covered for the last ten minutes, until the finale has told them', async () => {
  await demo.visit('/about', {}, async (page) => {
    const inMinutes = (minutes) =>
      encodeURIComponent(`${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19)}Z`)
    const names = page.locator('.present .step-name')
    await page.goto(`${demo.url}/present?range=today&tz=UTC&until=${inMinutes(11)}&cover=on`)
    await names.first().waitFor()
    assert.equal(await names.count(), 3, 'that is a while to go')
    await page.goto(`${demo.url}/present?range=today&tz=UTC&until=${inMinutes(9)}`)
    await names.first().waitFor()
    await page.getByRole('button', { name: 'Name and end' }).click()
    await page.getByLabel(/^Cover the first three/).check()
    await page.locator('.step.covered').nth(2).waitFor()
    assert.equal(await names.count(), 0)
    assert.match(page.url(), /cover=on/)
    await page.keyboard.press('Escape')
    await picture(page, 'present-covered')
    await assertAccessible(page, 'a covered podium')
    await page.goto(`${demo.url}${present()}&cover=on`)
    await openFinale(page)
    for (let step = 0; step < 3; step++) await page.keyboard.press('PageDown')
    await page.keyboard.press('Escape')
    await page.locator('.finale').waitFor({ state: 'detached' })
    assert.equal(await names.count(), 3)
    assert.doesNotMatch(page.url(), /cover/)
  })
})

test('with reduced motion there is no confetti, and nothing flies in', async () => {
  await demo.visit(present(), { reducedMotion: 'reduce' }, async (page) => {
    await openFinale(page)
    for (let step = 0; step < 3; step++) await page.keyboard.press('PageDown')
    assert.equal((await shownNames(page)).length, 3)
    await page.waitForTimeout(500)
    assert.equal(await page.locator('canvas.confetti').count(), 0)
    const running = await page.evaluate(
      () =>
        document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getTiming().duration > 1)
          .length,
    )
    assert.equal(running, 0)
  })
})

test('awards stand for figures that the API has', async () => {
  await demo.visit(present(`${day}T23:59:59Z`), {}, async (page) => {
    await openFinale(page)
    await toAwards(page)
    await page.locator('.award', { hasText: 'Night owl' }).waitFor()
    const shown = await awards(page)
    const best = await page.evaluate(async (date) => {
      const ask = (more) =>
        fetch(`/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&by=team&${more}`).then((one) => one.json())
      const rows = (await ask('measures=tokens,requests,success_rate,usd_per_million_tokens')).rows.map(
        ([team, , ...figures]) => [team, ...figures],
      )
      const first = (place, sign) => rows.toSorted((a, b) => sign * (a[place] - b[place]))[0]
      const night = {}
      const quarters = await ask('grain=15m&measures=tokens')
      for (const [bucket, team, , tokens] of quarters.rows) {
        const hour = Number(bucket.slice(11, 13))
        // The quarter hour in which the bell rings is not over by it.
        if ((hour >= 22 || hour < 6) && !bucket.includes('T23:45')) night[team] = (night[team] ?? 0) + tokens
      }
      const owl = Object.entries(night).toSorted((a, b) => b[1] - a[1])[0]
      return { tokens: first(1, -1), success: first(3, -1), price: first(4, 1), owl }
    }, day)
    const figure = ([, text]) => Number(text.match(/[\d,.]+/)[0].replaceAll(',', ''))
    assert.deepEqual([shown['Most tokens'][0], figure(shown['Most tokens'])], [best.tokens[0], best.tokens[1]])
    assert.equal(shown['Most reliable'][0], best.success[0])
    assert.ok(Math.abs(figure(shown['Most reliable']) - best.success[3]) <= 0.005)
    assert.equal(shown['Best price'][0], best.price[0])
    assert.ok(Math.abs(figure(shown['Best price']) - best.price[4]) <= 0.005)
    assert.deepEqual([shown['Night owl'][0], figure(shown['Night owl'])], best.owl)
  })
})

test('what is the same is shared; without known hours some awards are not given', async () => {
  const { page, close } = await openPage(demo.browser)
  await changeBoard(page, (rows) => {
    rows.forEach((row, index) =>
      Object.assign(row, {
        tokens: index < 2 ? 9_000_000 : 1_000_000,
        requests: 10,
        successful_requests: 10,
        failed_requests: 0,
      }),
    )
    rows[0].team = 'Red'
    rows[1].team = 'Blue'
  })
  // Nothing is known of the hours, so nothing was used since the bell either.
  await changeSheet(page, isQuarters, (rows, sheet) => {
    rows.length = 0
    for (const bucket of sheet.buckets) Object.assign(bucket, { state: 'unknown', coverage: 0 })
  })
  await page.goto(demo.url + present())
  await openFinale(page)
  await toAwards(page)
  await page.waitForTimeout(1_000)
  assert.deepEqual(await awards(page), { 'Most tokens': ['Red and Blue', '9,000,000 tokens'] })
  await close()
})

test('the report opens from a disk, needs nothing, runs nothing, and holds every figure; names are text', async () => {
  const EVIL = '<script>alert(1)</script>'
  const { page, close } = await openPage(demo.browser)
  const rename = (rows) => {
    for (const row of rows) if (row.team === 'Gradient Gang') row.team = EVIL
  }
  await changeBoard(page, rename)
  await changeSheet(page, isQuarters, rename)
  await page.goto(demo.url + present())
  await openFinale(page)
  await toAwards(page)
  await page.locator('.award', { hasText: 'Night owl' }).waitFor()
  const told = await awards(page)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the report' }).click()
  const download = await saved
  assert.equal(download.suggestedFilename(), `podium-results-${day}-${day}.html`)
  const file = artifact('results.html')
  await download.saveAs(file)
  const image = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the picture' }).click()
  await (await image).saveAs(artifact('results.png'))
  assert.deepEqual([...readFileSync(artifact('results.png')).subarray(1, 4)], [0x50, 0x4e, 0x47])
  assert.ok(statSync(artifact('results.png')).size > 50_000)
  const ranks = await page.locator('.present .step-name, .present .race-name').allTextContents()
  await close()

  const kept = await openPage(demo.browser)
  const asked = []
  kept.page.on('request', (request) => asked.push(request.url()))
  kept.page.on('dialog', () => asked.push('alert'))
  await kept.page.goto(String(pathToFileURL(file)))
  assert.deepEqual(asked, [String(pathToFileURL(file))], 'nothing else is loaded')
  assert.equal(await kept.page.locator('script, link, img, iframe').count(), 0)
  assert.equal(await kept.page.locator('h1').textContent(), 'Final')
  assert.match(await kept.page.locator('header').textContent(), /\(UTC\) · final, as of .*Podium, .*complete/s)
  assert.deepEqual(await kept.page.locator('.board .name').allTextContents(), ranks)
  assert.ok(ranks.includes(EVIL))
  const cards = await kept.page
    .locator('.awards li')
    .evaluateAll((items) =>
      Object.fromEntries(
        items.map(({ children: [title, ...rest] }) => [title.textContent, rest.map((one) => one.textContent)]),
      ),
    )
  assert.deepEqual(cards, told)
  assert.equal(await kept.page.locator('svg.chart').count(), 2)
  assert.equal(await kept.page.locator('svg.chart path title').count(), Math.min(8, ranks.length))
  const rows = await kept.page.locator('tbody tr').allTextContents()
  assert.equal(rows.length, ranks.length + 1, 'every team, and all of them')
  await assertAccessible(kept.page, 'the report')
  await kept.page.screenshot({ path: artifact('results-report.png'), fullPage: true })
  await kept.page.setViewportSize(PHONE)
  assert.equal(
    await kept.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  )
  await kept.close()
})

const sizes = { desktop: DESKTOP, phone: PHONE, 'full HD': FULL_HD, small: { width: 1024, height: 768 } }
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`no violations, nothing cut or wider than the screen, ${size}, ${colorScheme}`, async () => {
      await demo.visit(present(), { viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
        const wide = () =>
          page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        await page.locator('.race-row').first().waitFor()
        await page.getByRole('button', { name: 'Finale' }).waitFor()
        await picture(page, `finale-bell-${size}-${colorScheme}`)
        assert.equal(await wide(), 0)
        // Without motion as well, names are no smaller than they have to be.
        const tiny = await page
          .locator('.race-name')
          .evaluateAll((names) =>
            names
              .map(
                (one) =>
                  parseFloat(getComputedStyle(one).fontSize) / parseFloat(getComputedStyle(one.parentElement).fontSize),
              )
              .filter((part) => part < 0.7),
          )
        assert.deepEqual(tiny, [])
        await openFinale(page)
        await page.keyboard.press('PageDown')
        // A button that is pointed at can still be read.
        await page.locator('.finale-next').hover()
        await picture(page, `finale-third-${size}-${colorScheme}`)
        await assertAccessible(page, 'the reveal')
        for (let step = 0; step < 3; step++) await page.keyboard.press('PageDown')
        await page.locator('.award', { hasText: 'Night owl' }).waitFor()
        await picture(page, `finale-awards-${size}-${colorScheme}`)
        await assertAccessible(page, 'the awards')
        assert.equal(await wide(), 0)
        const cut = await page
          .locator('.award-names')
          .evaluateAll((names) =>
            names
              .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2)
              .map((one) => one.textContent),
          )
        assert.deepEqual(cut, [])
      })
    })
  }
}
