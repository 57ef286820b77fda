/** Single sign-on through the page, at a provider that people use: there, back to where one was, and out again. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { freePort, startPodium } from '../support/binary.js'
import { boardReady, chartsDrawn, openPage, startBrowser } from '../support/browser.js'
import { startProvider } from '../support/provider.js'

let browser, podium, provider

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
      PODIUM_ADMINS: 'email:ada@example.com',
      PODIUM_OIDC_ISSUER: provider.url,
      PODIUM_OIDC_CLIENT_ID: provider.client,
      PODIUM_OIDC_CLIENT_SECRET: provider.secret,
      PODIUM_OIDC_NAME: 'Example',
    },
  })
})
after(async () => {
  await browser?.close()
  await podium?.stop()
  await provider?.stop()
})

async function signOn(page, login) {
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  await page.getByLabel('Name').fill(login)
  await page.getByLabel('Password').fill('password')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('one comes back to the view that one asked for, and ends the provider’s session as well', async () => {
  // The provider has no icon.
  const { page, close } = await openPage(browser, { expected: [/status of 404/] })
  await page.goto(`${podium.url}/charts?range=week`)
  await signOn(page, 'ada')
  await chartsDrawn(page)
  const { pathname, searchParams } = new URL(page.url())
  assert.deepEqual([pathname, searchParams.get('range')], ['/charts', 'week'])
  await page.locator('.account-button').click()
  await page.getByText('Signed in with single sign-on').waitFor()
  await page.getByRole('link', { name: 'Access' }).waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(new RegExp(`^${provider.url}/`))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in with Example' }).waitFor()
  await close()
})

test('a page that the browser brings back after signing out is loaded anew', async () => {
  const { page, close } = await openPage(browser, { expected: [/status of 404/] })
  await page.goto(`${podium.url}/charts?range=week`)
  await signOn(page, 'ada')
  await chartsDrawn(page)
  // The provider has nothing to show, so that the page stays, as it does in the browser's cache.
  const isOfProvider = (url) => url.href.startsWith(provider.url)
  await page.route(isOfProvider, (route) => route.fulfill({ status: 204 }))
  const left = page.waitForRequest((request) => isOfProvider(new URL(request.url())))
  await page.locator('.account-button').click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await left
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await page.getByRole('link', { name: 'Sign in with Example' }).waitFor()
  await close()
})

test('who goes back at the provider is told so in words, and may show a key instead', async () => {
  const { page, close } = await openPage(browser, { expected: [/status of 404/] })
  await page.goto(`${podium.url}/?range=week`)
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByText('The provider did not sign you in.').waitFor()
  assert.equal(new URL(page.url()).pathname, '/sign-in')
  await page.getByLabel('LiteLLM key').fill('sk-demo-viewer')
  await page.locator('.sign-in form').getByRole('button').click()
  await boardReady(page)
  assert.doesNotMatch(page.url(), /error=/)
  await close()
})
