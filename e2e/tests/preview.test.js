/** The picture that chats show beside a link. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { artifact, boardReady } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()

/** The picture that a link's page names, as a reader of links gets it: without running the page. */
async function imageOf(link) {
  const html = await (await fetch(demo.url + link)).text()
  const [, address] = html.match(/property="og:image" content="([^"]+)"/) ?? []
  assert.ok(address, `${link} names a picture`)
  return address.replaceAll('&amp;', '&')
}

test('the board, a team and a chart have pictures of their own, in the size that chats want', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const team = await page.locator('.board-list .row-name a').first().getAttribute('href')
    const links = {
      board: '/?range=week',
      team: new URL(team, `${demo.url}/`).pathname,
      charts: '/charts?range=thirty',
    }
    const shown = new Set()
    for (const [name, link] of Object.entries(links)) {
      const address = await imageOf(link)
      const size = await page.evaluate(async (src) => {
        const image = new Image()
        image.src = src
        await image.decode()
        return [image.naturalWidth, image.naturalHeight]
      }, address)
      assert.deepEqual(size, [1200, 630], name)
      const answer = await fetch(address)
      shown.add(answer.headers.get('etag'))
      writeFileSync(artifact(`preview-${name}.png`), Buffer.from(await answer.arrayBuffer()))
    }
    assert.equal(shown.size, 3)
  })
})
