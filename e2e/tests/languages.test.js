/** The page in all its languages: chosen by the browser or by hand, from either side, and with room for every word. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, chartsDrawn, DESKTOP, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()

const LANGUAGES = {
  'de-DE': { lang: 'de', title: 'Rangliste' },
  'fr-FR': { lang: 'fr', title: 'Classement' },
  'es-MX': { lang: 'es', title: 'Clasificación' },
  'pt-BR': { lang: 'pt', title: 'Classificação' },
  'ja-JP': { lang: 'ja', title: 'ランキング' },
  'zh-CN': { lang: 'zh-Hans', title: '排行榜' },
  ar: { lang: 'ar', title: 'لوحة الصدارة', dir: 'rtl' },
}
const VIEWS = {
  board: { path: '/?range=week', ready: boardReady },
  charts: { path: '/charts?range=week', ready: chartsDrawn },
  money: { path: '/money?range=week', ready: chartsDrawn },
  explore: { path: '/explore?range=week&split=team,model&each=1d', ready: chartsDrawn },
  about: { path: '/about', ready: (page) => page.locator('.facts').first().waitFor() },
  present: { path: '/present?range=week&until=23:59', ready: (page) => page.locator('.race-row').first().waitFor() },
}
const document = (page) =>
  page.evaluate(() => ({ lang: window.document.documentElement.lang, dir: window.document.documentElement.dir }))

/** What is wider than the screen, or than the box that holds it and cuts it off. */
function tooWide(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = window.document.documentElement
    const cut = [
      ...window.document.querySelectorAll(
        '.button, .chart-head h2, .page-header nav a, .totals dt, .range-days, .seal-state',
      ),
    ]
      .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
      .map((one) => `${one.textContent.trim()} ${one.scrollWidth}>${one.clientWidth}`)
    return { over: scrollWidth - clientWidth, cut }
  })
}

for (const [locale, { lang, title, dir = 'ltr' }] of Object.entries(LANGUAGES)) {
  test(`${locale}: the browser's language is the page's, and every word has its room`, async () => {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await demo.visit('/about', { locale, viewport }, async (page) => {
        for (const [name, { path, ready }] of Object.entries(VIEWS)) {
          await page.goto(demo.url + path)
          await ready(page)
          assert.deepEqual(await document(page), { lang, dir })
          if (name === 'board') assert.equal(await page.locator('.headline h1').textContent(), title)
          assert.deepEqual(await tooWide(page), { over: 0, cut: [] }, `${name}, ${size}`)
          await picture(page, `${name}-${lang}-${size}`)
        }
      })
    }
  })
}

for (const locale of ['ar', 'ja-JP']) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${locale}, ${colorScheme}: no violations`, async () => {
      for (const viewport of [DESKTOP, PHONE]) {
        await demo.visit('/about', { locale, colorScheme, viewport }, async (page) => {
          for (const [name, { path, ready }] of Object.entries(VIEWS)) {
            await page.goto(demo.url + path)
            await ready(page)
            await assertAccessible(page, `${name}, ${locale}, ${colorScheme}, ${viewport.width}`)
          }
        })
      }
    })
  }
}

test('a language that is chosen stays, and turns the page around at once', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    assert.deepEqual(await document(page), { lang: 'en', dir: 'ltr' })
    await page.getByRole('button', { name: 'Look and language' }).click()
    await page.getByRole('radio', { name: 'العربية' }).check()
    await page.getByRole('heading', { name: 'لوحة الصدارة' }).waitFor()
    await page.reload()
    await boardReady(page)
    assert.deepEqual(await document(page), { lang: 'ar', dir: 'rtl' })
  })
})

test('from right to left, ranks stand on the right, bars grow to the left, and the right arrow is the earlier one', async () => {
  await demo.visit('/?range=yesterday&tz=UTC', { locale: 'ar' }, async (page) => {
    await boardReady(page)
    const box = (selector) => page.locator(`.board-list ${selector}`).first().boundingBox()
    const [rank, name, value] = [await box('.col-rank'), await box('.row-name a'), await box('.col-value')]
    assert.ok(rank.x > name.x && name.x > value.x, JSON.stringify([rank, name, value]))
    const edges = await page
      .locator('.board-list .bar')
      .evaluateAll((bars) =>
        bars.map((bar) => bar.getBoundingClientRect().right - bar.firstElementChild.getBoundingClientRect().right),
      )
    assert.ok(edges.length > 1 && edges.every((edge) => Math.abs(edge) < 1), `${edges}`)
    const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
    await page.locator('body').press('ArrowRight')
    await page.waitForURL(new RegExp(`start=${day(2)}`))
    await page.locator('body').press('ArrowLeft')
    await page.waitForURL(new RegExp(`range=yesterday|start=${day(1)}`))
  })
})

test('where motion is reduced charts have their colours as well', async () => {
  await demo.visit('/charts?range=week', { reducedMotion: 'reduce' }, async (page) => {
    await chartsDrawn(page)
    const fills = await page
      .locator('.legend .swatch rect')
      .evaluateAll((swatches) => swatches.map((one) => one.getAttribute('fill')))
    assert.ok(new Set(fills).size > 3, `${fills}`)
  })
})
