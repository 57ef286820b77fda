/**
 * The pictures of README.md: a demo at a moment that never changes, in light and dark.
 *
 *     make screenshots
 *
 * The world is made of a seed, and the program's clock is held by libfaketime, so a picture changes only where the
 * page does (and by the few requests that the demo makes while one looks). They are written to docs/images.
 */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startPodium } from './support/binary.js'
import { boardReady, chartsDrawn, openPage, startBrowser } from './support/browser.js'

const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
/** A Thursday afternoon in Berlin, the third day of the demo's workshop. */
const MOMENT = new Date('2026-11-26T13:42:00Z')
const QUALITY = 0.8
const SIZE = { width: 1440, height: 900 }
const SCALE = 1.5

const VIEWS = [
  { name: 'board', path: '/?range=today', ready: boardReady },
  { name: 'charts', path: '/charts?range=week', ready: chartsDrawn },
  { name: 'money', path: '/money?range=month', ready: chartsDrawn },
  {
    name: 'present',
    path: '/present?range=today&title=Autumn%20Hackathon&until=2026-11-26T15:00:00Z',
    ready: (page) => page.locator('.race-row').first().waitFor(),
  },
  { name: 'team', path: (leader) => `/team/${leader}?range=today`, ready: chartsDrawn },
]

/** History and logs are read, so that trends and headlines are there. */
async function everythingRead(url) {
  for (;;) {
    const { backfill } = await (await fetch(`${url}/api/v1/status`)).json()
    const { meta } = await (await fetch(`${url}/api/v1/heatmap?start_date=2026-11-20`)).json()
    const { explained_tokens: explained, tokens } = meta?.coverage ?? { explained_tokens: 0, tokens: 1 }
    if (backfill?.done === backfill?.total && explained > 0.95 * tokens) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** As a browser makes it of a PNG. */
async function toWebp(page, png) {
  const encoded = await page.evaluate(
    async ([data, quality]) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob())
      const canvas = new OffscreenCanvas(picture.width, picture.height)
      canvas.getContext('2d').drawImage(picture, 0, 0)
      const webp = await canvas.convertToBlob({ type: 'image/webp', quality })
      return btoa(Array.from(new Uint8Array(await webp.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(''))
    },
    [png.toString('base64'), QUALITY],
  )
  return Buffer.from(encoded, 'base64')
}

async function take({ browser, url, now }, view, colorScheme) {
  const { page, close } = await openPage(browser, {
    viewport: SIZE,
    deviceScaleFactor: SCALE,
    reducedMotion: 'reduce',
    colorScheme,
  })
  await page.clock.install({ time: now() })
  const { teams } = await (await fetch(`${url}/api/v1/leaderboard?start_date=2026-11-26`)).json()
  const [leader] = teams.toSorted((a, b) => b.tokens - a.tokens)
  await page.goto(url + (typeof view.path === 'string' ? view.path : view.path(leader.team_id)))
  await view.ready(page)
  await page.evaluate(() => document.fonts.ready)
  // What comes once the view is there: trends, headlines.
  await page.waitForTimeout(4_000)
  const png = await page.screenshot({ animations: 'disabled' })
  await close()
  // The page's policy lets nothing load data: addresses, so another page makes the WebP.
  const blank = await browser.newPage()
  const webp = await toWebp(blank, png)
  await blank.close()
  writeFileSync(`${images}${view.name}-${colorScheme}.webp`, webp)
  console.log(`${view.name}-${colorScheme}.webp  ${Math.round(webp.length / 1_000)} kB`)
}

/** Where Debian's package puts it, by the machine's kind. */
const faketime = readdirSync('/usr/lib')
  .map((kind) => `/usr/lib/${kind}/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path))
if (!faketime) throw new Error('libfaketime is missing. Get it with: apt-get install -y faketime')
mkdirSync(images, { recursive: true })
const browser = await startBrowser()
const begun = performance.now()
const podium = await startPodium({
  env: {
    LD_PRELOAD: faketime,
    // From then on the clock goes on; time between moments is not touched.
    FAKETIME: `@${MOMENT.toISOString().slice(0, 19).replace('T', ' ')}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: 'UTC',
    PODIUM_LISTEN: '127.0.0.1',
  },
})
try {
  const only = process.argv.slice(2)
  await everythingRead(podium.url)
  const stage = { browser, url: podium.url, now: () => new Date(MOMENT.getTime() + performance.now() - begun) }
  for (const view of VIEWS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    for (const scheme of ['light', 'dark']) await take(stage, view, scheme)
  }
} finally {
  await browser.close()
  await podium.stop()
}
