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
    await page.getByText('No connection to Podium since').waitFor()
    if (path.startsWith('/?')) assert.ok((await page.locator('.board-list .row').count()) > 0)
    await picture(page, `outage-podium-${path.replace(/\W+/g, '-')}`)
    podium = await startPodium(port)
    await page.getByText('No connection to Podium since').waitFor({ state: 'detached' })
    if (path.startsWith('/?')) await page.locator('.pill.live').waitFor()
    if (path.startsWith('/charts')) await chartsDrawn(page)
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
  await page.getByText(/Gateway unreachable since .*, showing data as of/).waitFor()
  await page.getByText('The gateway did not answer in time.').waitFor()
  await boardReady(page)
  await picture(page, 'outage-gateway')
  failing = false
  await page.getByText('Gateway unreachable since').waitFor({ state: 'detached' })
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
