import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, chartsDrawn, DESKTOP, FOUR_K, openPage, PHONE, picture, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { changeBoard } from '../support/sheet.js'

const demo = useDemo()

const views = {
  board: { path: '/?range=week', ready: boardReady },
  opened: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page
        .getByRole('button', { name: /^Keys and models of/ })
        .first()
        .click()
      await page.locator('.key-cards > li').first().waitFor()
    },
  },
  details: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page.getByRole('button', { name: /Details/ }).click()
      await page.locator('.trust-details').waitFor()
    },
  },
  charts: { path: '/charts?range=week', ready: chartsDrawn },
  tables: {
    path: '/charts?range=week&table=time&table=models',
    ready: (page) => page.locator('tbody tr').first().waitFor(),
  },
  team: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page.locator('.board-list .row-name a').first().click()
      await chartsDrawn(page)
    },
  },
  money: { path: '/money?range=week', ready: chartsDrawn },
  explore: {
    path: '/explore?range=week&split=team,model&each=1d',
    ready: async (page) => {
      await chartsDrawn(page)
      await page.locator('tbody tr').first().waitFor()
    },
  },
  about: { path: '/about', ready: (page) => page.locator('.facts').first().waitFor() },
  present: { path: '/present?range=week&until=23:59', ready: (page) => page.locator('.race-row').first().waitFor() },
  palette: {
    path: '/?range=week',
    ready: async (page) => {
      await boardReady(page)
      await page.keyboard.press('Control+k')
      await page.locator('.palette-list li').first().waitFor()
    },
  },
  lost: {
    path: '/nope',
    expected: [/status of 404/],
    ready: (page) => page.locator('.lost').waitFor(),
  },
}

for (const [name, { path, ready, expected = [] }] of Object.entries(views)) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      test(`${name}, ${colorScheme}, ${size}: no violations, nothing wider than the screen`, async () => {
        await demo.visit(path, { colorScheme, viewport, expected }, async (page) => {
          await ready(page)
          await picture(page, `${name}-${colorScheme}-${size}`)
          await assertAccessible(page, name)
          const over = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          assert.equal(over, 0)
        })
      })
    }
  }
}

for (const path of [
  '/?range=week',
  '/charts?range=week&table=time',
  '/money?range=week&table=spend',
  '/explore?range=week',
  '/about',
  '/present?range=week',
  '/replay?range=yesterday',
]) {
  test(`${path} fits into 320 pixels, in the longer language`, async () => {
    await demo.visit(path, { locale: 'de-DE', viewport: { width: 320, height: 640 } }, async (page) => {
      await page
        .locator('.board-list .row, .chart-card tbody tr, .explore-card tbody tr, .facts, .race-row, .replay-row')
        .first()
        .waitFor()
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      assert.equal(over, 0)
    })
  })
}

test('4K', async () => {
  await demo.visit('/?range=week', { viewport: FOUR_K }, async (page) => {
    await boardReady(page)
    await picture(page, 'board-4k')
    await page.goto(`${demo.url}/present?range=week&until=23:59`)
    await page.locator('.race-row').first().waitFor()
    await picture(page, 'present-4k')
  })
})

test('names that are long, or look like markup, are text', async () => {
  const { page, close } = await openPage(demo.browser, { viewport: PHONE })
  const odd = `<img src=x onerror="document.title=1"> & "Team" ${'Donaudampfschifffahrtsgesellschaft'.repeat(4)}`
  await changeBoard(page, (teams) => teams.forEach((row, index) => (row.team = `${index} ${odd}`)))
  await page.goto(`${demo.url}/?range=week`)
  await boardReady(page)
  assert.ok((await rowNames(page)).every((name) => name.endsWith(odd)))
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  )
  await picture(page, 'odd-names')
  await page.goto(`${demo.url}/charts?range=week`)
  await chartsDrawn(page)
  assert.equal(await page.locator('img[src="x"]').count(), 0)
  await close()
})

test('for a projector: podium, race, ticker, and the time that is left', async () => {
  const end = new Date(Date.now() + 90 * 60_000).toISOString()
  await demo.visit(
    `/present?range=week&title=Final&until=${encodeURIComponent(`${end.slice(0, 19)}Z`)}`,
    {},
    async (page) => {
      await page.getByRole('heading', { name: 'Final' }).waitFor()
      await page.locator('.race-row').first().waitFor()
      assert.match(await page.getByRole('timer').textContent(), /1:(29|30):\d\d/)
      await page.waitForFunction(() => /\d/.test(document.querySelector('.ticker dd:last-child')?.textContent ?? ''))
      await page.goto(`${demo.url}/present?range=week&until=2020-01-01T00:00:00Z`)
      await page.getByText('Time’s up!').waitFor()
    },
  )
})

test('with reduced motion nothing glides', async () => {
  await demo.visit('/?range=week', { reducedMotion: 'reduce' }, async (page) => {
    await boardReady(page)
    await page.getByRole('button', { name: 'Cost per 1k tokens' }).click()
    await page.waitForURL(/measure=/)
    const running = await page.evaluate(
      () =>
        document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getTiming().duration > 1)
          .length,
    )
    assert.equal(running, 0)
  })
})
