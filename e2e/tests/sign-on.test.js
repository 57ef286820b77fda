/** Single sign-on with a browser, a real provider of OpenID Connect, and Podium between them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { freePort, startPodium } from '../support/binary.js'
import { openPage, startBrowser } from '../support/browser.js'
import { startProvider } from '../support/provider.js'

let browser
let provider
let podium

before(async () => {
  const port = await freePort()
  const back = `http://127.0.0.1:${port}`
  provider = await startProvider({ back })
  browser = await startBrowser()
  podium = await startPodium({
    port,
    env: {
      PODIUM_ACCESS: 'private',
      PODIUM_PUBLIC_URL: back,
      PODIUM_OIDC_ISSUER: provider.url,
      PODIUM_OIDC_CLIENT_ID: provider.client,
      PODIUM_OIDC_CLIENT_SECRET: provider.secret,
      PODIUM_OIDC_SCOPES: 'openid profile email groups',
      PODIUM_ADMINS: 'group:podium-admins',
      PODIUM_VIEWERS: 'email:ben@example.com',
    },
  })
})
after(async () => {
  await browser?.close()
  await podium?.stop()
  await provider?.stop()
})

/** Chromium itself reports what is refused before one has signed in. */
const expected = [/Failed to load resource/]
const address = (path) => `http://127.0.0.1:${podium.port}${path}`

async function visit(path, journey) {
  const { page, close } = await openPage(browser, { expected })
  await page.goto(address(path))
  await journey(page)
  await close()
}

async function logIn(page, login) {
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill('password')
  await page.locator('button, input[type=submit]').first().click()
}

const ask = (page, path, options) =>
  page.evaluate(
    async ([path, options]) => {
      const answer = await fetch(path, options)
      return { status: answer.status, body: await answer.json() }
    },
    [path, options],
  )

test('somebody of a group of admins comes back to where they wanted to go, and signs out again', () =>
  visit('/auth/sign-on?to=/charts?range=week', async (page) => {
    await logIn(page, 'ada')
    await page.waitForURL(address('/charts?range=week'))
    const me = (await ask(page, '/api/v1/me')).body
    assert.deepEqual([me.role, me.how, me.name], ['admin', 'single_sign_on', 'ada@example.com'])
    assert.equal((await ask(page, '/api/v1/tokens')).status, 200)
    const cookies = await page.context().cookies(address('/'))
    const session = cookies.find((cookie) => cookie.name === 'podium')
    assert.deepEqual([session.httpOnly, session.sameSite, session.secure], [true, 'Lax', false])
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script reads it')

    const out = await ask(page, '/api/v1/sign-out', { method: 'POST', body: '{"everywhere":false}' })
    assert.ok(out.body.location.startsWith(provider.url), out.body.location)
    assert.equal((await ask(page, '/tokens')).status, 401)
    await page.context().addCookies(cookies)
    assert.equal((await ask(page, '/tokens')).status, 401, 'a copy of the cookie is dead, too')
  }))

test('another person is somebody else, and an address that is not verified is nobody’s', async () => {
  await visit('/auth/sign-on', async (page) => {
    await logIn(page, 'ben')
    await page.waitForURL(address('/'))
    assert.equal((await ask(page, '/api/v1/me')).body.role, 'viewer')
    assert.equal((await ask(page, '/api/v1/tokens')).status, 403)
  })
  await visit('/auth/sign-on', async (page) => {
    await logIn(page, 'eve')
    await page.waitForURL(address('/'))
    const me = (await ask(page, '/api/v1/me')).body
    assert.deepEqual([me.role, me.name], ['self', 'Eve'], 'she claims the address of an admin')
  })
})

test('whoever goes back at the provider, or comes with an answer of old, is told so', async () => {
  await visit('/auth/sign-on?to=//evil.example', async (page) => {
    await page.locator('[name=cancel]').click()
    await page.waitForURL((url) => url.pathname === '/sign-in')
    assert.equal((await ask(page, '/api/v1/me')).body.signed_in, false)
  })
  const answer = await fetch(address('/auth/callback?code=stolen&state=guessed'), { redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/sign-in?error=expired'])
  assert.ok(!answer.headers.getSetCookie().some((cookie) => cookie.startsWith('podium=')))
})

test('the provider exchanges its keys, and people still come in', async () => {
  provider.rotate()
  await visit('/auth/sign-on?to=/about', async (page) => {
    await logIn(page, 'ada')
    await page.waitForURL(address('/about'))
    assert.equal((await ask(page, '/api/v1/me')).body.role, 'admin')
  })
})
