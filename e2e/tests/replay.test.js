/** A day played again: exact at every quarter hour, by mouse, keyboard and link. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, DESKTOP, openPage, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeSheet, isQuarters } from '../support/sheet.js'

const demo = useDemo()
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
const path = (more = '') => `/replay?start=${day}&end=${day}&tz=UTC${more}`
const ready = (page) => page.locator('.replay-row').first().waitFor()
const clock = (page) => page.locator('.replay-clock strong').textContent()
const shown = (page) =>
  page
    .locator('.replay-row')
    .evaluateAll((rows) =>
      rows.map((row) => [
        row.querySelector('.replay-name').textContent,
        Number(row.querySelector('.replay-value').textContent.replaceAll(',', '')),
      ]),
    )

/** What the API says was used up to a moment, most first. */
const expected = (page, until) =>
  page.evaluate(
    async ([date, end]) => {
      const sheet = await fetch(
        `/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&grain=15m&by=team&measures=tokens`,
      ).then((one) => one.json())
      const early = new Set(
        sheet.buckets
          .filter((bucket) => bucket.end && Date.parse(bucket.end) <= Date.parse(end))
          .map(({ name }) => name),
      )
      const sums = {}
      for (const [bucket, team, , tokens] of sheet.rows) if (early.has(bucket)) sums[team] = (sums[team] ?? 0) + tokens
      return Object.entries(sums)
        .filter(([, sum]) => sum > 0)
        .toSorted((a, b) => b[1] - a[1])
    },
    [day, until],
  )

test('a link leads to a moment, whose figures are those of the API', async () => {
  for (const time of ['09:15', '18:30', '23:45']) {
    await demo.visit(path(`&at=${day}T${time}Z`), {}, async (page) => {
      await ready(page)
      assert.deepEqual(await shown(page), await expected(page, `${day}T${time}:00Z`))
      assert.equal(
        await page
          .locator('.replay-slider')
          .getAttribute('aria-valuetext')
          .then((text) => /\d+:\d\d/.test(text)),
        true,
      )
    })
  }
})

test('the end is the whole day, and one question is all that is asked by quarter hours', async () => {
  const { page, close } = await openPage(demo.browser)
  let asked = 0
  page.on('request', (request) => (asked += isQuarters(request.url()) ? 1 : 0))
  await page.goto(demo.url + path())
  await ready(page)
  const whole = await page.evaluate(async (date) => {
    const sheet = await fetch(`/api/v1/query?start_date=${date}&end_date=${date}&tz=UTC&by=team&measures=tokens`).then(
      (one) => one.json(),
    )
    return sheet.rows.map(([team, , tokens]) => [team, tokens])
  }, day)
  assert.deepEqual(await shown(page), whole)
  await page.locator('.replay-slider').press('Home')
  for (let step = 0; step < 30; step++) await page.keyboard.press('Shift+ArrowRight')
  assert.equal(asked, 1)
  await close()
})

test('it plays, rows move, and it stands still at an exact moment that the address has', async () => {
  await demo.visit(path(`&at=${day}T10:00Z`), {}, async (page) => {
    await ready(page)
    const before = await shown(page)
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await page.waitForFunction(
      (was) => document.querySelector('.replay-value').textContent !== was,
      await page.locator('.replay-value').first().textContent(),
    )
    await page.waitForTimeout(4_000)
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    const moment = new URL(page.url()).searchParams.get('at')
    assert.match(moment, /:(00|15|30|45)Z$/)
    const after = await shown(page)
    assert.notDeepEqual(after, before)
    assert.deepEqual(after, await expected(page, moment))
    // Six hundred times as fast: some four seconds are some forty minutes.
    const minutes = (Date.parse(moment) - Date.parse(`${day}T10:00Z`)) / 60_000
    assert.ok(minutes >= 15 && minutes <= 120, `${minutes} minutes`)
  })
})

test('keys play, pause, go and change the speed, and no day is left by them', async () => {
  await demo.visit(path(`&at=${day}T10:00Z`), {}, async (page) => {
    await ready(page)
    const days = await page.locator('.range-days').textContent()
    await page.keyboard.press('ArrowRight')
    assert.equal(await clock(page), '10:15 AM')
    await page.keyboard.press('Shift+ArrowLeft')
    assert.equal(await clock(page), '9:15 AM')
    await page.locator('.replay-slider').focus()
    await page.keyboard.press('ArrowLeft')
    assert.equal(await clock(page), '9:00 AM')
    await page.keyboard.press('-')
    await page.waitForURL(/speed=300/)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    await page.keyboard.press('Home')
    assert.equal(await clock(page), '12:00 AM')
    assert.equal(await page.locator('.replay-row').count(), 0, 'nobody has begun')
    await page.keyboard.press('End')
    assert.ok((await page.locator('.replay-row').count()) > 0)
    assert.equal(await page.locator('.range-days').textContent(), days)
    // The address of the moment is not taken along.
    await page.getByRole('link', { name: 'Charts' }).click()
    await page.waitForURL(/\/charts/)
    assert.doesNotMatch(page.url(), /at=|speed=/)
  })
})

test('a filter leaves the moment as it is, another day does not, and keys can be switched off', async () => {
  await demo.visit('/about', {}, async (page) => {
    await page.evaluate(() => localStorage.setItem('podium.preferences', '{"keys":false}'))
    await page.goto(demo.url + path(`&at=${day}T10:00Z`))
    await ready(page)
    await page.keyboard.press('Space')
    await page.keyboard.press('+')
    await page.waitForTimeout(500)
    assert.equal(await page.getByRole('button', { name: 'Play', exact: true }).count(), 1)
    assert.equal(await clock(page), '10:00 AM')
    const all = await shown(page)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('filter by model gpt')
    // Models are asked for once the palette opens.
    await page.locator('.palette-list li', { hasText: 'gpt' }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/model=/)
    await page.waitForFunction(
      (was) => document.querySelector('.replay-value')?.textContent !== was,
      all[0][1].toLocaleString('en'),
    )
    assert.equal(await clock(page), '10:00 AM')
    await page.getByRole('button', { name: 'Earlier' }).click()
    await page.waitForFunction(() => document.querySelector('.replay-clock strong')?.textContent === '12:00 AM')
  })
})

test('where hours are not known it says so', async () => {
  const { page, close } = await openPage(demo.browser)
  await changeSheet(page, isQuarters, (rows, sheet) => {
    for (const bucket of sheet.buckets.slice(40, 44)) Object.assign(bucket, { state: 'unknown', coverage: null })
    const gone = new Set(sheet.buckets.slice(40, 44).map(({ name }) => name))
    const kept = rows.filter((row) => !gone.has(row.bucket))
    rows.length = 0
    rows.push(...kept, { ...kept[0], bucket: 'unknown_hour', tokens: 1_234 })
  })
  await page.goto(demo.url + path())
  await ready(page)
  await page.getByText('Hatched: 4 quarter hours of which nothing is known.').waitFor()
  await page.getByText('1,234 tokens were used at hours that nobody knows').waitFor()
  assert.equal(await page.locator('.replay-timeline rect[fill^="url"]').count(), 4)
  await picture(page, 'replay-unknown')
  await close()
})

test('the board and the commands lead to it; too long a period is refused in words', async () => {
  await demo.visit(`/?start=${day}&end=${day}&tz=UTC`, {}, async (page) => {
    await boardReady(page)
    await page.getByRole('link', { name: 'Replay' }).click()
    await ready(page)
    await page.getByRole('button', { name: '30 days' }).click()
    await page.getByText('At most 14 days can be played again at once').waitFor()
    await page.goto(`${demo.url}/?range=yesterday&tz=UTC`)
    await boardReady(page)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('replay')
    await page.keyboard.press('Enter')
    await ready(page)
    assert.match(page.url(), /\/replay\?/)
  })
})

test('with reduced motion it goes from quarter hour to quarter hour', async () => {
  await demo.visit(path(`&at=${day}T10:00Z`), { reducedMotion: 'reduce' }, async (page) => {
    await ready(page)
    await page.keyboard.press('Space')
    for (let look = 0; look < 12; look++) {
      assert.match(await clock(page), /:(00|15|30|45) [AP]M$/)
      const gliding = await page.evaluate(
        () => document.getAnimations().filter((one) => one.effect.getTiming().duration > 1).length,
      )
      assert.equal(gliding, 0)
      await page.waitForTimeout(250)
    }
    assert.notEqual(await clock(page), '10:00 AM')
  })
})

const sizes = {
  desktop: DESKTOP,
  phone: PHONE,
  'full HD': { width: 1920, height: 1080 },
  small: { width: 1024, height: 768 },
}
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`no violations, nothing wider than the screen, nothing moves what is below, ${size}, ${colorScheme}`, async () => {
      await demo.visit('/about', { viewport, colorScheme }, async (page) => {
        await page.addInitScript(() => {
          window.shifts = []
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              if (!entry.hadRecentInput)
                window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.className)])
          }).observe({ type: 'layout-shift', buffered: true })
        })
        await page.goto(demo.url + path(`&at=${day}T15:00Z`))
        await ready(page)
        await picture(page, `replay-${size}-${colorScheme}`)
        await assertAccessible(page, 'the replay')
        await page.locator('.replay-play').click()
        await page.waitForTimeout(3_000)
        const shifts = await page.evaluate(() => window.shifts)
        assert.ok(shifts.reduce((sum, [value]) => sum + value, 0) <= 0.02, JSON.stringify(shifts))
        assert.equal(
          await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          0,
        )
      })
    })
  }
}
