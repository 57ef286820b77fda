import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPodium } from '../support/binary.js'
import { boardReady, chartsDrawn, openPage, picture, startBrowser } from '../support/browser.js'
import { changeBoard, isBoard } from '../support/sheet.js'

/** Chromium itself reports every failed request. */
const expected = [/Failed to load resource/, /net::ERR/]
let browser
let podium

before(async () => {
  browser = await startBrowser()
  podium = await startPodium()
})
after(async () => {
  await browser?.close()
  await podium?.stop()
})

for (const path of ['/?range=week', '/charts?range=week', '/about', '/present?range=week']) {
  test(`with Podium stopped ${path} says so, keeps its figures, and recovers by itself`, async () => {
    const { page, close } = await openPage(browser, { expected })
    await page.goto(podium.url + path)
    if (path.startsWith('/?')) await boardReady(page)
    await page.waitForFunction(() =>
      performance.getEntriesByType('resource').some((entry) => entry.name.includes('/api/v1/query')),
    )
    const port = podium.port
    await podium.stop()
    await page.locator('.seal.lost', { hasText: 'No connection to Podium since' }).waitFor()
    if (path.startsWith('/?')) assert.ok((await page.locator('.board-list .row').count()) > 0)
    await picture(page, `outage-podium-${path.replace(/\W+/g, '-')}`)
    podium = await startPodium({ port })
    await page.locator('.seal.lost').waitFor({ state: 'detached' })
    if (path.startsWith('/?')) await page.locator('.seal.live').waitFor()
    if (path.startsWith('/charts')) await chartsDrawn(page)
    await close()
  })
}

for (const [name, path, figures] of [
  ['the leaderboard', '/?range=today', '.board-list .row, .step-value, .totals dd'],
  ['charts', '/charts?range=today', '.chart-card .echart, .chart-card table'],
  ['the projector', '/present?range=today', '.race-row, .step-value'],
]) {
  test(`with Podium stopped ${name} never shows figures under dates that they are not of`, async () => {
    const { page, close } = await openPage(browser, { expected })
    await page.goto(podium.url + path)
    await page.locator(figures).first().waitFor()
    const port = podium.port
    await podium.stop()
    await page.locator('.seal.lost').waitFor()
    // A period whose answer is not there, chosen as the keyboard does everywhere.
    await page.keyboard.press('7')
    await page.waitForURL(/range=week/)
    await page.getByText('Podium does not answer').first().waitFor()
    const seen = await page
      .locator(figures)
      .evaluateAll((all) =>
        all
          .filter((one) => one.checkVisibility({ opacityProperty: true }) && /\d|canvas/.test(one.innerHTML))
          .map((one) => one.textContent),
      )
    assert.deepEqual(seen, [])
    assert.doesNotMatch(await page.locator('.status-line').textContent(), /Complete/)
    await picture(page, `outage-other-days-${path.replace(/\W+/g, '-')}`)
    // What is known of the days before is shown again with their dates.
    await page.goBack()
    await page.waitForURL(/range=today/)
    await page.locator(figures).first().waitFor()
    podium = await startPodium({ port })
    await page.locator('.seal.lost').waitFor({ state: 'detached' })
    await close()
  })
}

test('a part of the page that could not be fetched is fetched when Podium is back', async () => {
  const { page, close } = await openPage(browser, { expected })
  let away = true
  await page.route('**/assets/echarts-*.js', (route) => (away ? route.abort() : route.continue()))
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('echarts'))
  await page.goto(`${podium.url}/charts?range=week`)
  await failed
  away = false
  await chartsDrawn(page)
  await close()
})

test('with the gateway failing the page says since when, and how old the figures are', async () => {
  const { page, close } = await openPage(browser, { expected })
  let failing = true
  const status = async (route) => {
    const response = await route.fetch({ url: `${podium.url}/api/v1/status` })
    const body = await response.json()
    if (failing) {
      const now = Date.now()
      body.gateway = {
        reachable: false,
        reached_at: new Date(now - 60_000).toISOString(),
        failing_since: new Date(now - 30_000).toISOString(),
        error: 'The gateway did not answer in time.',
      }
    }
    return body
  }
  await page.route('**/api/v1/status', async (route) => route.fulfill({ json: await status(route) }))
  await page.route('**/api/v1/events*', async (route) => {
    const body = `event: freshness\ndata: ${JSON.stringify(await status(route))}\n\n`
    await route.fulfill({ contentType: 'text/event-stream', body })
  })
  await page.goto(`${podium.url}/?range=week`)
  const seal = page.locator('.seal.lost', { hasText: /Gateway unreachable since .*Showing what was known at/ })
  await boardReady(page)
  await seal.click()
  await page.getByText('The gateway did not answer in time.').waitFor()
  await boardReady(page)
  await picture(page, 'outage-gateway')
  failing = false
  await page.locator('.seal.lost').waitFor({ state: 'detached' })
  await close()
})

test('an answer that fails is explained, and asked for again', async () => {
  const { page, close } = await openPage(browser, { expected })
  let failing = true
  await page.route(isBoard, (route) =>
    failing
      ? route.fulfill({ status: 502, json: { detail: 'Error fetching teams: the gateway refused the API key.' } })
      : route.continue(),
  )
  await page.goto(`${podium.url}/?range=week`)
  await page.getByText('the gateway refused the API key').waitFor()
  await page.getByText('Usually the gateway is down or overloaded').waitFor()
  await picture(page, 'outage-answer')
  failing = false
  await boardReady(page)
  await close()
})

test('nothing used yet is an invitation', async () => {
  const { page, close } = await openPage(browser)
  await changeBoard(page, (teams) => {
    for (const team of teams)
      Object.assign(team, { tokens: 0, requests: 0, successful_requests: 0, failed_requests: 0, spend_usd: 0 })
  })
  await page.goto(`${podium.url}/?range=today`)
  await page.getByText('Nothing used in this period yet').waitFor()
  await page.getByText(/teams are yet to start/).waitFor()
  await picture(page, 'empty')
  await close()
})
