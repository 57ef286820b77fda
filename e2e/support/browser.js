/** Debian's Chromium, and pages that complain about everything in their console. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const executablePath = '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const artifacts = fileURLToPath(new URL('../artifacts/', import.meta.url))

export const DESKTOP = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }
export const FOUR_K = { width: 3840, height: 2160 }

export async function startBrowser() {
  if (!existsSync(executablePath)) {
    throw new Error('Chromium is missing. Get it with: apt-get install -y chromium')
  }
  // It does not start with another clock, and pages get theirs below.
  return chromium.launch({ executablePath, args, env: { ...process.env, LD_PRELOAD: '' } })
}

/** How far the tests' clock is ahead, where it is set to another hour (`make test-at`). */
const AHEAD_MS = 1_000 * Number(process.env.FAKETIME ?? 0)

/** Makes pages see the tests' clock. */
function setAhead(aheadMs) {
  const now = Date.now
  window.Date = class extends Date {
    constructor(...parts) {
      super(...(parts.length === 0 ? [now() + aheadMs] : parts))
    }
    static now() {
      return now() + aheadMs
    }
  }
}

/**
 * A page in a browser of its own (no cookies, nothing kept), and a check of its console.
 * `expected` are messages that a journey provokes, such as those of a stopped server.
 */
export async function openPage(browser, { expected = [], ...options } = {}) {
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    ...options,
  })
  if (AHEAD_MS !== 0) await context.addInitScript(setAhead, AHEAD_MS)
  const page = await context.newPage()
  const complaints = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  const close = async () => {
    const left = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))
    // A request that is still on its way has nobody left to answer to.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await context.close()
    assert.deepEqual(left, [], 'the console is clean')
  }
  return { page, close }
}

export async function picture(page, name) {
  mkdirSync(artifacts, { recursive: true })
  await page.screenshot({ path: `${artifacts}${name}.png` })
}

export function artifact(name) {
  mkdirSync(artifacts, { recursive: true })
  return `${artifacts}${name}`
}

/** The leaderboard's rows as one reads them. */
export function rowNames(page) {
  return page.locator('.board-list .row-name a').allTextContents()
}

export async function boardReady(page) {
  await page.locator('.board-list .row').first().waitFor()
}

/** All charts that were begun are drawn. */
export async function chartsDrawn(page) {
  await page.locator('.echart[data-drawn="true"]').first().waitFor()
  await page.waitForFunction(() => {
    const charts = [...document.querySelectorAll('.echart')]
    return charts.length > 0 && charts.every((chart) => chart.dataset.drawn === 'true')
  })
}
