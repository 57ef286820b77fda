/**
 * What the page costs: the first load, long tasks, memory and traffic while figures move. Printed, and
 * written to the artifacts. A minute, since some questions are asked once in it; `LIVE_SECONDS=600` looks
 * for ten.
 */

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { gatewayPath, startGateway, startPodium } from '../support/binary.js'
import { artifact, boardReady } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { isQuarters } from '../support/sheet.js'
import { countTraffic } from '../support/traffic.js'
import { lateZone } from '../support/zone.js'

const demo = useDemo()
const LIVE_SECONDS = Number(process.env.LIVE_SECONDS ?? 60)
const MB = 1024 * 1024

function watchLongTasks() {
  window.longTasks = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasks.push(Math.round(entry.duration))
  }).observe({ type: 'longtask', buffered: true })
}

async function heapBytes(session) {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value
}

test('a page that is looked at for a while stays small and quick', async () => {
  await demo.visit('/about', {}, async (page) => {
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const traffic = await countTraffic(session)
    await page.addInitScript(watchLongTasks)
    await page.goto(`${demo.url}/?range=today`)
    await boardReady(page)
    await page.locator('.seal.live').waitFor()
    await page.waitForTimeout(3_000)
    const heapBefore = await heapBytes(session)
    traffic.begin()
    await page.waitForTimeout(LIVE_SECONDS * 1_000)
    const received = traffic.perSecond()
    const heapAfter = await heapBytes(session)
    const longTasks = await page.evaluate(() => window.longTasks)
    const told = {
      live_seconds: LIVE_SECONDS,
      heap_mb: [heapBefore, heapAfter].map((bytes) => Number((bytes / MB).toFixed(1))),
      bytes_per_second: received,
      long_tasks: longTasks.length,
      longest_task_ms: Math.max(0, ...longTasks),
    }
    console.log(told)
    writeFileSync(artifact('measures.json'), `${JSON.stringify(told, null, 2)}\n`)
    assert.ok(received.board > 0 && received.events > 0, 'figures moved')
    assert.ok(received.all < 2_000, `${received.all} bytes a second`)
    assert.ok(heapAfter < 64 * MB, `${heapAfter} bytes`)
    assert.ok(heapAfter - heapBefore < 8 * MB, 'memory does not grow with every answer')
  })
})

const isThere = existsSync(gatewayPath)
const without = !isThere && `There is no simulated gateway at ${gatewayPath}; cargo build --bin gateway-sim makes it.`

test('500 teams cost a viewer little more, late in the day too', { skip: without }, async () => {
  const gateway = await startGateway(['--teams', '500', '--keys', '2', '--days', '2', '--requests-per-second', '20'])
  const env = { LITELLM_BASE_URL: gateway.url, LITELLM_API_KEY: 'sk-sim' }
  const podium = await startPodium({ command: ['serve', '--data-dir', ':memory:', '--refresh', '2s'], env })
  try {
    await demo.visit('/about', {}, async (page) => {
      const traffic = await countTraffic(await page.context().newCDPSession(page))
      // The largest question: it waits until the others are answered.
      const quarters = page.waitForResponse((response) => isQuarters(new URL(response.url())))
      // Today's figures are the most when the day is nearly over.
      await page.goto(`${podium.url}/?range=today&tz=${encodeURIComponent(lateZone())}`)
      await boardReady(page)
      await page.locator('.seal.live').waitFor()
      await quarters
      // The questions are asked for the first time, and once more with what was remembered.
      await page.waitForTimeout(8_000)
      traffic.begin()
      await page.waitForTimeout(LIVE_SECONDS * 1_000)
      const received = traffic.perSecond()
      console.log({ teams: 500, bytes_per_second: received })
      assert.ok(received.board > 0 && received.events > 0, 'figures moved')
      assert.ok(received.all < 10_000, `${received.all} bytes a second`)
    })
  } finally {
    await podium.stop()
    await gateway.stop()
  }
})

test('the first row is reached with few keys', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const MOST_TABS = 12
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    let tabs = 1
    while (tabs < MOST_TABS) {
      await page.keyboard.press('Tab')
      tabs += 1
      if (await page.evaluate(() => document.activeElement.closest('.board-list .row') !== null)) break
    }
    const first = await page.evaluate(() =>
      document.activeElement.closest('.board-item')?.getAttribute('aria-posinset'),
    )
    assert.equal(first, '1', `after ${tabs} tabs`)
  })
})
