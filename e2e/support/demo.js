/** One demo, with more in its environment where that is said, and one browser for a file of journeys. */

import { after, before } from 'node:test'
import { startPodium } from './binary.js'
import { openPage, startBrowser } from './browser.js'

export function useDemo(env = {}) {
  const demo = {}
  before(async () => {
    demo.browser = await startBrowser()
    demo.podium = await startPodium({ env })
    demo.url = demo.podium.url
  })
  after(async () => {
    await demo.browser?.close()
    await demo.podium?.stop()
  })
  /** Runs a journey on a fresh page at `path`; afterwards its console must be clean. */
  demo.visit = async (path, options, journey) => {
    const { page, close } = await openPage(demo.browser, options)
    await page.goto(demo.url + path)
    try {
      await journey(page)
    } catch (error) {
      await page
        .screenshot({ path: new URL('../artifacts/failed.png', import.meta.url).pathname })
        .catch(() => undefined)
      throw error
    }
    await close()
  }
  return demo
}
