/** Signing in to a Podium that is not open to all, with keys that the demo's gateway knows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { startPodium } from '../support/binary.js'
import { boardReady, chartsDrawn, openPage, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo({ PODIUM_ACCESS: 'board' })
const OWN = 'Token Titans'
const OWN_KEY = 'sk-demo-token-titans'

async function signIn(page, key) {
  await page.getByLabel('LiteLLM key').fill(key)
  await page.locator('.sign-in form').getByRole('button').click()
}

async function signOut(page, words = 'Sign out') {
  await page.locator('.account-button').click()
  await page.getByRole('button', { name: words, exact: true }).click()
}

test('anybody sees the board and the projector, without an error and without what is hidden', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    assert.equal(await page.locator('meta[name="podium-access"]').getAttribute('content'), 'board')
    await page.locator('.seal.live').waitFor()
    await page.locator('.board-list .spark-line').first().waitFor({ state: 'attached' })
    assert.match(await page.locator('.totals').first().textContent(), /Spend ?Not shown to you|Spend–Not shown to you/)
    assert.equal(await page.getByRole('button', { name: 'Spend' }).count(), 0)
    // What a page asks for once it has settled is nothing that it may not ask.
    await page.waitForTimeout(4_000)
    await page.goto(`${demo.url}/present?range=week`)
    await page.locator('.race-row').first().waitFor()
    assert.equal(await page.getByText('Sign in').count(), 0)
    await page.goto(`${demo.url}/about`)
    await page.locator('.facts').first().waitFor()
  })
})

test('with the key of a team one sees that team in full, and the others as the board shows them', async () => {
  await demo.visit('/charts?range=week', {}, async (page) => {
    await signIn(page, OWN_KEY)
    await chartsDrawn(page)
    await page.getByText('Figures of your teams only').first().waitFor()
    await page.goto(`${demo.url}/?range=week`)
    await boardReady(page)
    assert.ok((await rowNames(page)).length > 1)
    assert.equal(await page.getByRole('button', { name: /^Keys and models of/ }).count(), 1)
    await page.getByRole('button', { name: `Keys and models of ${OWN}` }).click()
    await page.locator('.key-cards > li').first().waitFor()
    await page.locator('.board-list .row-name a', { hasText: OWN }).click()
    await chartsDrawn(page)
    assert.doesNotMatch(await page.locator('.totals').first().textContent(), /Not shown/)
    await page.locator('.account-button').click()
    await page.getByText(`Your teams in full: ${OWN}.`).waitFor()
    await assertAccessible(page, 'the menu')
  })
})

test('a team that is not one’s own says that it does not open', async () => {
  await demo.visit('/sign-in', {}, async (page) => {
    await signIn(page, OWN_KEY)
    await boardReady(page)
    const other = (await rowNames(page)).find((name) => name !== OWN)
    await page.locator('.board-list .row-name a', { hasText: other }).click()
    await page.getByText('What is inside this team is for its members').waitFor()
    await page.goto(`${demo.url}/money?range=week`)
    await chartsDrawn(page)
    await page.locator('.seal-rest', { hasText: 'Figures of your teams only' }).waitFor()
  })
})

test('a key that the gateway does not know is refused in its words', async () => {
  await demo.visit('/sign-in', { expected: [/status of 401/] }, async (page) => {
    await signIn(page, 'sk-nobody')
    await page.getByText('The gateway does not know this key').waitFor()
  })
})

test('signing out everywhere ends the sessions of other browsers, too', async () => {
  const other = await openPage(demo.browser, { expected: [/status of 401/] })
  await other.page.goto(`${demo.url}/money?range=week`)
  await signIn(other.page, 'sk-demo-viewer')
  await chartsDrawn(other.page)
  await demo.visit('/money?range=week', {}, async (page) => {
    await signIn(page, 'sk-demo-viewer')
    await chartsDrawn(page)
    assert.doesNotMatch(await page.locator('.totals').first().textContent(), /Not shown/)
    await signOut(page, 'Sign out everywhere')
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  })
  // Its live stream ends, so that it asks who looks.
  await other.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await other.close()
})

test('an admin makes a token that works until it is revoked', async () => {
  await demo.visit('/access', {}, async (page) => {
    await signIn(page, 'sk-demo-admin')
    await page.getByText('There are none yet.').waitFor()
    await page.getByLabel('Name').fill('grafana')
    await page.getByRole('button', { name: 'Create token' }).click()
    const token = await page.locator('.new-token code').textContent()
    assert.match(token, /^podium_/)
    const ask = async () =>
      (await fetch(`${demo.url}/tokens`, { headers: { Authorization: `Bearer ${token}` } })).status
    assert.equal(await ask(), 200)
    await page.reload()
    await page.getByRole('button', { name: 'Revoke grafana' }).waitFor()
    assert.equal(await page.getByText(token).count(), 0)
    await page.getByRole('button', { name: 'Revoke grafana' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('There are none yet.').waitFor()
    assert.equal(await ask(), 401)
    await page.reload()
    await page.getByText('Token revoked').waitFor()
    await assertAccessible(page, 'access')
  })
})

test('where all is private nothing is shown or asked before one signed in', async () => {
  const podium = await startPodium({ env: { PODIUM_ACCESS: 'private' } })
  const { page, close } = await openPage(demo.browser)
  await page.goto(`${podium.url}/?range=week`)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.equal(await page.locator('nav').count(), 0)
  await assertAccessible(page, 'a private page')
  await signIn(page, 'sk-demo-viewer')
  await boardReady(page)
  await page.locator('.seal.live').waitFor()
  await page
    .getByRole('button', { name: /^Keys and models of/ })
    .first()
    .click()
  await page.locator('.key-cards > li').first().waitFor()
  // The session has ended at Podium, and the page does not know it yet: it asks nothing meanwhile.
  await page.route('**/api/v1/sign-out', async (route) => {
    const response = await route.fetch()
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    await route.fulfill({ response })
  })
  await signOut(page)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.equal(await page.locator('.board-list').count(), 0)
  await close()
  await podium.stop()
})

test('ranks alone are told in their order, of teams without names', async () => {
  const podium = await startPodium({
    env: { PODIUM_ACCESS: 'board', PODIUM_POLICY: 'anybody: rank; team: rank; self: rank' },
  })
  const { page, close } = await openPage(demo.browser)
  await page.goto(`${podium.url}/?range=week`)
  await boardReady(page)
  assert.ok((await rowNames(page)).every((name) => /^Team \d+$/.test(name)))
  assert.equal(await page.locator('.board-list .bar').count(), 0)
  await page.goto(`${podium.url}/sign-in`)
  await signIn(page, OWN_KEY)
  await boardReady(page)
  const own = page.locator('.board-item', { hasText: OWN })
  assert.match(await own.locator('.col-value').textContent(), /\d,\d{3}/)
  assert.equal(await page.locator('.board-list .not-shown').count(), (await rowNames(page)).length - 1)
  await close()
  await podium.stop()
})
