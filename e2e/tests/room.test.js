/** The code that phones in the room scan: what it says, and where it leads. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import jsqr from 'jsqr'
import { assertAccessible } from '../support/axe.js'
import { boardReady, DESKTOP, openPage, PHONE, picture } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const FULL_HD = { width: 1920, height: 1080 }
const dialog = (page) => page.getByRole('dialog', { name: 'Your team on your phone' })
const chooser = (page) => page.getByRole('dialog', { name: 'Which team is yours?' })

/** What a camera reads from the screen. */
async function scan(page) {
  const png = await page.locator('.room-code').screenshot()
  const { pixels, width, height } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const image = context.getImageData(0, 0, bitmap.width, bitmap.height)
    let text = ''
    for (const byte of image.data) text += String.fromCharCode(byte)
    return { pixels: btoa(text), width: image.width, height: image.height }
  }, png.toString('base64'))
  return jsqr(new Uint8ClampedArray(Buffer.from(pixels, 'base64')), width, height)?.data
}

for (const colorScheme of ['light', 'dark']) {
  test(`a camera reads the code, ${colorScheme}: the same days and ranks, and one's own team`, async () => {
    await demo.visit(
      '/?range=week&tz=Asia/Tokyo&measure=requests&score=per_key&search=a',
      { colorScheme, viewport: DESKTOP },
      async (page) => {
        await boardReady(page)
        await page.getByRole('button', { name: 'On a phone' }).click()
        await dialog(page).locator('.room-code path').waitFor()
        const address = await scan(page)
        assert.equal(address, await dialog(page).getByRole('link').getAttribute('href'))
        const { origin, pathname, searchParams } = new URL(address)
        assert.equal(origin + pathname, `${demo.url}/`)
        assert.deepEqual(Object.fromEntries(searchParams), {
          range: 'week',
          tz: 'Asia/Tokyo',
          measure: 'requests',
          score: 'per_key',
          mine: 'choose',
        })
        await dialog(page).getByText('This address works on this device only').waitFor()
        await assertAccessible(page, `room, ${colorScheme}`)
        await picture(page, `room-${colorScheme}`)
      },
    )
  })
}

test('the projector shows it as large as the screen allows', async () => {
  await demo.visit('/present?range=week', { viewport: FULL_HD }, async (page) => {
    await page.locator('.race-row').first().waitFor()
    await page.getByRole('button', { name: 'On a phone' }).click()
    await dialog(page).locator('.room-code path').waitFor()
    const { width, height, y } = await page.locator('.room-code').boundingBox()
    assert.ok(width > 0.5 * FULL_HD.height && Math.abs(width - height) < 2, `${width} ${height}`)
    assert.ok(y + height < FULL_HD.height, 'nothing has to be scrolled to')
    assert.match(await scan(page), /mine=choose/)
    await picture(page, 'room-present')
    await assertAccessible(page, 'room on the projector')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
  })
})

test('a phone is asked once which team is its own, and is there from then on', async () => {
  const { page, close } = await openPage(demo.browser, { viewport: PHONE })
  await page.goto(`${demo.url}/?range=week&mine=choose`)
  await chooser(page).getByRole('button').nth(1).waitFor()
  await picture(page, 'room-chooser')
  await assertAccessible(page, 'the choice of a team')
  await chooser(page).getByRole('searchbox').fill('latent')
  await chooser(page).getByRole('button', { name: 'Latent Legends' }).click()
  await page.getByRole('heading', { name: 'Latent Legends' }).waitFor()
  assert.match(page.url(), /\/team\//)
  assert.doesNotMatch(page.url(), /mine=/)
  await page.goto(`${demo.url}/?range=week&mine=choose`)
  await page.getByRole('heading', { name: 'Latent Legends' }).waitFor()
  await close()
})

test('whoever has no team sees the leaderboard', async () => {
  await demo.visit('/?range=week&mine=choose', { viewport: PHONE }, async (page) => {
    await chooser(page).getByRole('button', { name: 'Just show the leaderboard' }).click()
    await boardReady(page)
    assert.equal(await page.locator('.mine').count(), 0)
    await page.reload()
    await boardReady(page)
    assert.equal(await chooser(page).count(), 0, 'nobody is asked twice')
  })
})

test('what draws the code is no part of the first load', async () => {
  const { page, close } = await openPage(demo.browser)
  const loaded = []
  page.on('request', (request) => loaded.push(request.url()))
  await page.goto(`${demo.url}/?range=week`)
  await boardReady(page)
  assert.ok(!loaded.some((url) => url.includes('RoomDialog')))
  await page.getByRole('button', { name: 'On a phone' }).click()
  await dialog(page).locator('.room-code path').waitFor()
  assert.ok(loaded.some((url) => url.includes('RoomDialog')))
  await close()
})
