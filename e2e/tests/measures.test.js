/**
 * What the page costs: the first load, long tasks, memory and traffic while figures move. Printed, and
 * written to the artifacts. `LIVE_SECONDS=600` looks for ten minutes.
 */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, boardReady } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const LIVE_SECONDS = Number(process.env.LIVE_SECONDS ?? 20)
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
    await session.send('Network.enable')
    let received = 0
    session.on('Network.dataReceived', ({ encodedDataLength, dataLength }) => (received += encodedDataLength || dataLength))
    await page.addInitScript(watchLongTasks)
    await page.goto(`${demo.url}/?range=today`)
    await boardReady(page)
    await page.locator('.seal.live').waitFor()
    await page.waitForTimeout(3_000)
    const [heapBefore, receivedBefore] = [await heapBytes(session), received]
    await page.waitForTimeout(LIVE_SECONDS * 1_000)
    const heapAfter = await heapBytes(session)
    const longTasks = await page.evaluate(() => window.longTasks)
    const told = {
      live_seconds: LIVE_SECONDS,
      heap_mb: [heapBefore, heapAfter].map((bytes) => Number((bytes / MB).toFixed(1))),
      bytes_per_second: Math.round((received - receivedBefore) / LIVE_SECONDS),
      long_tasks: longTasks.length,
      longest_task_ms: Math.max(0, ...longTasks),
    }
    console.log(told)
    writeFileSync(artifact('measures.json'), `${JSON.stringify(told, null, 2)}\n`)
    // Two thousand over a minute; the first seconds have questions that are asked once.
    assert.ok(told.bytes_per_second < 4_000, `${told.bytes_per_second} bytes a second`)
    assert.ok(heapAfter < 64 * MB, `${heapAfter} bytes`)
    assert.ok(heapAfter - heapBefore < 8 * MB, 'memory does not grow with every answer')
  })
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
    const first = await page.evaluate(
      () => document.activeElement.closest('.board-item')?.getAttribute('aria-posinset'),
    )
    assert.equal(first, '1', `after ${tabs} tabs`)
  })
})
