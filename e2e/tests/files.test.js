/** What leaves the page: pictures, tables, paper. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, boardReady, chartsDrawn, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()

async function saved(page, click, name) {
  const download = page.waitForEvent('download')
  await click()
  const file = await download
  await file.saveAs(artifact(name))
  return { content: readFileSync(artifact(name)), name: file.suggestedFilename() }
}

/** Size and some pixels of a picture. */
function look(page, png) {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(image.width, image.height)
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, image.width, image.height)
    const at = (x, y) => [...data.slice((y * image.width + x) * 4, (y * image.width + x) * 4 + 3)].join()
    const ground = at(2, 2)
    /** Rows of pixels that hold something else than the ground. */
    const inked = Array.from({ length: image.height }, (_, y) => y).filter((y) =>
      Array.from({ length: image.width }, (_, x) => x).some((x) => at(x, y) !== ground),
    )
    const has = (from, to) => inked.some((y) => y >= from * image.height && y < to * image.height)
    return { width: image.width, height: image.height, ground, head: has(0, 0.15), foot: has(0.93, 1) }
  }, png.toString('base64'))
}

const surface = (page) =>
  page.evaluate(() => {
    const probe = document.createElement('span')
    probe.style.color = 'var(--surface)'
    document.body.append(probe)
    const colour = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).join()
    probe.remove()
    return colour
  })

/** What was written into pictures, as nobody can read it from pixels here. */
function noteTexts() {
  window.written = []
  const plain = CanvasRenderingContext2D.prototype.fillText
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.written.push(text)
    return plain.call(this, text, ...rest)
  }
}

for (const colorScheme of ['light', 'dark']) {
  test(`a picture of a chart says all that is needed to read it elsewhere, ${colorScheme}`, async () => {
    await demo.visit('/about', { colorScheme }, async (page) => {
      await page.addInitScript(noteTexts)
      await page.goto(`${demo.url}/charts?range=week&tz=UTC`)
      await chartsDrawn(page)
      const card = page.locator('.chart-card').first()
      const legend = (await card.locator('.legend-item').allTextContents()).map((text) => text.trim())
      const width = (await card.locator('.echart').boundingBox()).width
      await page.evaluate(() => (window.written = []))
      const { content } = await saved(
        page,
        () => card.getByRole('button', { name: 'Image' }).click(),
        `picture-${colorScheme}.png`,
      )
      const written = (await page.evaluate(() => window.written)).join('\n')
      assert.match(written, /Tokens over time/)
      assert.match(written, /\d{4} \(UTC\).*tokens/, 'period, zone and unit')
      assert.match(written, /Podium, 127\.0\.0\.1.*as of .*(complete|days in doubt)/, 'source and state')
      for (const name of legend) assert.ok(written.includes(name), name)
      const seen = await look(page, content)
      assert.equal(seen.ground, await surface(page), 'the ground of the theme')
      assert.ok(Math.abs(seen.width - 2 * (width + 56)) <= 4, `${seen.width}, twice ${width}`)
      assert.deepEqual([seen.head, seen.foot], [true, true])
    })
  })
}

test('the leaderboard leaves as a picture, as CSV and as Parquet', async () => {
  await demo.visit('/about', {}, async (page) => {
    await page.addInitScript(noteTexts)
    await page.goto(`${demo.url}/?range=week&tz=UTC`)
    await boardReady(page)
    const names = await page.locator('.board-list .row-name a').allTextContents()
    const save = async (name, as) => {
      await page.getByRole('button', { name: 'Save' }).click()
      const file = await saved(page, () => page.locator('.save-menu').getByText(name, { exact: true }).click(), as)
      await page.keyboard.press('Escape')
      return file
    }
    const image = await save('Image', 'picture-board.png')
    assert.match(image.name, /^podium-leaderboard-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.png$/)
    const written = (await page.evaluate(() => window.written)).join('\n')
    for (const text of ['Leaderboard', '(UTC) · Tokens', 'Podium, ', ...names]) assert.ok(written.includes(text), text)
    const seen = await look(page, image.content)
    assert.deepEqual([seen.width, seen.ground, seen.head, seen.foot], [2 * 956, await surface(page), true, true])
    const csv = (await save('CSV', 'board.csv')).content.toString()
    for (const name of names) assert.ok(csv.includes(name), name)
    const parquet = (await save('Parquet', 'board.parquet')).content
    assert.equal(parquet.subarray(0, 4).toString(), 'PAR1')
  })
})

test('on paper there are all rows, and nothing to click', async () => {
  await demo.visit('/?range=week', { viewport: { width: 800, height: 300 } }, async (page) => {
    await boardReady(page)
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
    const teams = await page.evaluate(() => fetch('/api/v1/leaderboard?tz=UTC').then((one) => one.json()))
    assert.equal(await page.locator('.board-list .row').count(), teams.teams.length)
    const clickable = await page
      .locator('button, select, input')
      .evaluateAll((all) =>
        all
          .filter((one) => one.checkVisibility() && !one.matches('.seal, .change'))
          .map((one) => one.outerHTML.slice(0, 80)),
      )
    assert.deepEqual(clickable, [])
    await picture(page, 'print')
    const pdf = await page.pdf({ format: 'A4' })
    assert.equal(pdf.subarray(0, 4).toString(), '%PDF')
  })
})

test('fills are flat; patterns are there for those who want them, and are remembered', async () => {
  await demo.visit('/charts?range=week', {}, async (page) => {
    await chartsDrawn(page)
    assert.equal(await page.locator('.swatch-pattern').count(), 0)
    await page.getByRole('button', { name: 'Look and language' }).click()
    await page.getByLabel('Patterns besides colours in charts').check()
    await page.locator('.swatch-pattern').first().waitFor({ state: 'attached' })
    await picture(page, 'patterns')
    await page.reload()
    await chartsDrawn(page)
    await page.locator('.swatch-pattern').first().waitFor({ state: 'attached' })
  })
})
