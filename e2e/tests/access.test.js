/** Who may see what: signing in, what is hidden, and what admins manage. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { person, shut } from '../support/access.js'
import { assertAccessible } from '../support/axe.js'
import { boardReady, chartsDrawn, PHONE, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'
import { dayIn } from '../support/zone.js'

const demo = useDemo()
const refused = [/status of 401/]
const ranksOnly = { may_see: { others: ['name', 'rank'] } }

/** The teams of the last seven days, most tokens first. */
async function ranked() {
  const tz = 'Europe/Berlin'
  const question = {
    by: 'team',
    grain: 'total',
    measures: 'tokens',
    start_date: dayIn(tz, 6),
    end_date: dayIn(tz, 0),
    order: '-tokens',
    tz,
  }
  const answer = await fetch(`${demo.url}/api/v1/query?${new URLSearchParams(question)}`)
  const { rows } = await answer.json()
  return rows.map(([name, team_id]) => ({ name, team_id }))
}

/** A journey on a page behind a door. */
async function visit(path, door, journey, options = {}) {
  await demo.visit('/about', options, async (page) => {
    // What that view still asks would be refused at the door, and count as asked here.
    await page.goto('about:blank')
    const inside = await shut(page, door)
    await page.goto(demo.url + path)
    await journey(page, inside)
  })
}

async function signIn(page, key) {
  await page.getByLabel('LiteLLM key').fill(key)
  await page.locator('.sign-in form').getByRole('button').click()
}

const overOf = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

test('where everything is open there is no door to be seen', async () => {
  await demo.visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    assert.equal(await page.locator('.account-slot').count(), 0)
    assert.equal(await page.locator('.not-shown').count(), 0)
    for (const path of ['/sign-in', '/access']) {
      await page.goto(demo.url + path)
      await page.locator('.lost').waitFor()
    }
  })
})

test('anybody sees the leaderboard; what is hidden is no zero, and nobody is ranked by it', async () => {
  await visit('/?range=week', {}, async (page) => {
    await boardReady(page)
    const spend = page.locator('.totals > div', { hasText: 'Spend' })
    assert.match(await spend.textContent(), /Not shown to you/)
    assert.deepEqual(
      await page
        .getByRole('group', { name: 'Rank by' })
        .getByRole('button')
        .allTextContents()
        .then((all) => all.map((one) => one.trim())),
      ['Tokens', 'Requests', 'Success rate'],
    )
    assert.equal(await page.getByRole('button', { name: /^Keys and models of/ }).count(), 0)
    await page.goto(`${demo.url}/?range=week&measure=spend_usd`)
    await page.getByText('Spend is not shown to you: this is the ranking by tokens.').waitFor()
    assert.match(page.url(), /measure=spend_usd/)
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    await assertAccessible(page, 'the board of anybody')
  })
})

test('a view that needs more asks who one is at the same address, and is there afterwards', async () => {
  const teams = await ranked()
  const otter = person('team', { name: 'otter-ci', teams: [teams[2]] })
  await visit('/charts?range=week', { people: { 'sk-otter': otter } }, async (page) => {
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    assert.equal(await page.title(), 'Sign in · Podium')
    const address = page.url()
    const field = page.getByLabel('LiteLLM key')
    for (const [name, value] of Object.entries({ type: 'password', autocomplete: 'off', spellcheck: 'false' }))
      assert.equal(await field.getAttribute(name), value)
    await signIn(page, 'sk-otter')
    await chartsDrawn(page)
    assert.equal(page.url(), address)
    await page.getByRole('button', { name: /^otter-ci:/ }).click()
    await page.getByText(`Your teams in full: ${teams[2].name}.`).waitFor()
    await page.getByText('Of other teams: names, ranks, and tokens and requests.').waitFor()
    await assertAccessible(page, 'the menu')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    assert.equal(page.url(), address)
  })
})

test('from the head of the page one comes back to where one was', async () => {
  await visit('/?range=week', { people: { 'sk-viewer': person('viewer') } }, async (page) => {
    await boardReady(page)
    const address = page.url()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.waitForURL(/\/sign-in\?/)
    await signIn(page, 'sk-viewer')
    await boardReady(page)
    assert.equal(page.url(), address)
    // All measures are there for who sees everything.
    await page.getByRole('button', { name: 'Cost per 1k tokens' }).waitFor()
    assert.doesNotMatch(await page.locator('.totals').first().textContent(), /Not shown/)
  })
})

test('where all is private nothing is asked before one signed in', async () => {
  const nobody = person('anybody', { sign_in: { key: true, single_sign_on: 'Keycloak' } })
  await visit(
    '/charts?range=week',
    { mode: 'private', nobody, people: { 'sk-viewer': person('viewer') } },
    async (page, door) => {
      const on = page.getByRole('link', { name: 'Sign in with Keycloak' })
      await on.waitFor()
      const to = new URL(await on.getAttribute('href'), demo.url)
      assert.equal(to.pathname, '/auth/sign-on')
      assert.match(to.searchParams.get('to'), /^\/charts\?range=week/)
      await page.waitForTimeout(1_000)
      assert.deepEqual([...new Set(door.asked)], ['/api/v1/me'])
      assert.equal(await page.locator('nav, .status-line, .range-bar').count(), 0)
      await signIn(page, 'sk-viewer')
      await chartsDrawn(page)
      await page.locator('.seal.live').waitFor()
    },
  )
})

test('what goes wrong is told in words, and how long to wait is counted down', async () => {
  let attempts = 0
  const tooMany = () =>
    ++attempts > 1
      ? [{ detail: 'Wait a moment.' }, 429, { 'Retry-After': '3' }]
      : [{ detail: 'This key is blocked.' }, 401]
  const door = { answers: { 'POST /api/v1/sign-in': tooMany } }
  await visit(
    '/sign-in?error=expired',
    door,
    async (page) => {
      await page.getByText('That took too long. Please begin again.').waitFor()
      await signIn(page, 'sk-blocked')
      await page.getByText('This key is blocked.').waitFor()
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'sign-in-key')
      await signIn(page, 'sk-blocked')
      await page.getByText('Too many attempts').waitFor()
      await page.getByRole('button', { name: /^Again in \d sec$/ }).waitFor()
      assert.ok(await page.locator('.sign-in form button').isDisabled())
      await page.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 10_000 })
    },
    { expected: [/status of 4(01|29)/] },
  )
})

test('the way back never leads away from the page', async () => {
  for (const to of ['//evil.example/', '/\\evil.example', 'https://evil.example/', '/api/v1/sign-out', '/sign-in']) {
    await visit(
      `/sign-in?to=${encodeURIComponent(to)}`,
      { people: { 'sk-viewer': person('viewer') } },
      async (page) => {
        await signIn(page, 'sk-viewer')
        await boardReady(page)
        assert.equal(new URL(page.url()).origin + new URL(page.url()).pathname, `${demo.url}/`)
      },
    )
  }
})

test('ranks alone are an order without figures, bars and heights', async () => {
  const teams = await ranked()
  const nobody = person('anybody', ranksOnly)
  await visit('/?range=week', { nobody }, async (page) => {
    await boardReady(page)
    assert.deepEqual(
      await rowNames(page),
      teams.slice(0, 8).map((team) => team.name),
    )
    assert.equal(await page.locator('.board-list .bar').count(), 0)
    assert.doesNotMatch(await page.locator('.stage').textContent(), /\d{2}/)
    const heights = await page.locator('.step-block').evaluateAll((all) => all.map((one) => one.offsetHeight))
    assert.equal(new Set(heights).size, 1)
    await page.getByText('Of other teams only the ranks by tokens are shown to you.').waitFor()
    await assertAccessible(page, 'ranks alone')
    await page.goto(`${demo.url}/present?range=week`)
    await page.locator('.race-row').first().waitFor()
    assert.equal(await page.getByRole('link', { name: 'Sign in' }).count(), 0)
    assert.deepEqual(
      await page.locator('.race-value').allTextContents(),
      teams.slice(3, 8).map(() => ''),
    )
  })
})

test('one’s own team opens, and the page of another says that it does not', async () => {
  const teams = await ranked()
  const looks = person('team', { name: 'otter-ci', teams: [teams[1]], ...ranksOnly })
  await visit('/?range=week', { looks }, async (page) => {
    await boardReady(page)
    assert.equal(await page.getByRole('button', { name: /^Keys and models of/ }).count(), 1)
    await page.getByRole('button', { name: `Keys and models of ${teams[1].name}` }).click()
    await page.locator('.key-cards > li').first().waitFor()
    const values = await page.locator('.board-list .col-value').allTextContents()
    assert.equal(values.filter((text) => /Not shown to you/.test(text)).length, 7)
    assert.match(values[1], /\d,\d{3}/)
    await page.locator('.board-list .row-name a').first().click()
    await page.getByText('What is inside this team is for its members').waitFor()
    assert.equal(await page.locator('.chart-card').count(), 0)
  })
})

test('who loses the session sees the sign-in, and no figure of before', async () => {
  await visit(
    '/money?range=week',
    { looks: person('viewer') },
    async (page, door) => {
      await chartsDrawn(page)
      door.me = person('anybody')
      await page.getByRole('button', { name: 'Yesterday' }).click()
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
      await page.getByRole('link', { name: 'Leaderboard', exact: true }).first().click()
      await boardReady(page)
      assert.match(await page.locator('.totals').first().textContent(), /Not shown to you/)
    },
    { expected: refused },
  )
})

test('admins make tokens, which are told once, and revoke them', async () => {
  const teams = await ranked()
  const token = (wanted) => ({
    id: 'k3f9',
    created_at: '2026-11-20T10:00:00Z',
    created_by: 'ada',
    expires_at: null,
    last_used_at: null,
    ...wanted,
  })
  let all = []
  const entry = {
    at: '2026-11-20T10:00:00Z',
    event: 'sign_in_failed',
    who: null,
    role: null,
    from: '203.0.113.9',
    detail: 'unknown key',
  }
  const answers = {
    'GET /api/v1/tokens': () => [{ tokens: all }],
    'POST /api/v1/tokens': (request) => {
      all = [token(request.postDataJSON())]
      return [{ ...all[0], token: 'podium_secret' }, 201]
    },
    'DELETE /api/v1/tokens/k3f9': () => {
      all = []
      return [null, 200]
    },
    'GET /api/v1/access-log': () => [{ entries: [entry, { ...entry, event: 'something_new' }] }],
  }
  await visit('/?range=week', { looks: person('admin', { name: 'ada' }), answers }, async (page) => {
    await boardReady(page)
    await page.getByRole('button', { name: /^ada:/ }).click()
    await page.getByRole('link', { name: 'Access' }).click()
    await page.getByText('There are none yet.').waitFor()
    await page.getByText('Sign-in failed').waitFor()
    await page.getByText('something_new').waitFor()
    await page.getByLabel('Name').fill('grafana')
    await page.getByLabel('Role').selectOption({ label: 'Team' })
    assert.ok(await page.getByRole('button', { name: 'Create token' }).isDisabled(), 'of no team')
    await page.getByLabel(teams[0].name).check()
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('podium_secret').waitFor()
    await page.getByText('it is never shown again').waitFor()
    assert.deepEqual(all[0].teams, [teams[0].team_id])
    assert.equal(all[0].expires_in_days, 90)
    await assertAccessible(page, 'access')
    await page.getByRole('button', { name: 'Done' }).click()
    assert.equal(await page.getByText('podium_secret').count(), 0)
    await page.getByRole('button', { name: 'Revoke grafana' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('There are none yet.').waitFor()
  })
  await visit('/access', { looks: person('viewer') }, async (page) => {
    await page.getByRole('heading', { name: 'This is not shown to you' }).waitFor()
  })
})

test('nothing jumps when it becomes known who looks', async () => {
  const teams = await ranked()
  for (const viewport of [{ width: 1440, height: 900 }, PHONE]) {
    const looks = person('team', { name: 'somebody.with.a.long.name@example.com', teams: [teams[0]] })
    await visit(
      '/about',
      { looks },
      async (page) => {
        await page.addInitScript(() => {
          window.shifted = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
          }).observe({ type: 'layout-shift', buffered: true })
        })
        await page.route('**/api/v1/me', async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 1_500))
          await route.fallback()
        })
        await page.goto(`${demo.url}/?range=week`)
        await boardReady(page)
        await page.locator('.account-button').waitFor()
        await page.waitForTimeout(500)
        const shifted = await page.evaluate(() => window.shifted)
        assert.ok(shifted <= 0.02, String(shifted))
      },
      { viewport },
    )
  }
})

for (const colorScheme of ['light', 'dark'])
  test(`sign-in and access, ${colorScheme}: no violations, nothing wider than the screen`, async () => {
    const tokens = [
      {
        id: 'k3f9',
        name: 'x'.repeat(80),
        role: 'viewer',
        teams: [],
        in_address: true,
        created_at: '2026-11-20T10:00:00Z',
        created_by: null,
        expires_at: null,
        last_used_at: null,
      },
    ]
    const answers = { 'GET /api/v1/tokens': () => [{ tokens }], 'GET /api/v1/access-log': () => [{ entries: [] }] }
    const nobody = person('anybody', { sign_in: { key: true, single_sign_on: 'Keycloak' } })
    for (const viewport of [
      { width: 1000, height: 700 },
      { width: 320, height: 640 },
    ]) {
      const options = { viewport, colorScheme, locale: 'de-DE' }
      await visit(
        '/sign-in',
        { nobody },
        async (page) => {
          await page.locator('.sign-in form').waitFor()
          await assertAccessible(page, 'sign-in')
          assert.equal(await overOf(page), 0)
          await page.goto(`${demo.url}/?range=week`)
          await boardReady(page)
          assert.equal(await overOf(page), 0)
        },
        options,
      )
      await visit(
        '/access',
        { looks: person('admin', { name: 'x'.repeat(80) }), answers },
        async (page) => {
          await page.locator('.access-table').first().waitFor()
          await assertAccessible(page, 'access')
          assert.equal(await overOf(page), 0)
          await page.locator('.account-button').click()
          await page.locator('.sight').waitFor()
          assert.equal(await overOf(page), 0)
        },
        options,
      )
    }
  })

test('a browser that keeps nothing signs in as well', async () => {
  await visit('/about', { people: { 'sk-viewer': person('viewer') } }, async (page) => {
    await page.addInitScript(() => {
      const refuse = {
        get: () => {
          throw new DOMException('refused', 'SecurityError')
        },
      }
      for (const store of ['localStorage', 'sessionStorage']) Object.defineProperty(window, store, refuse)
    })
    await page.goto(`${demo.url}/charts?range=week`)
    await signIn(page, 'sk-viewer')
    await chartsDrawn(page)
    await page.getByRole('button', { name: /^viewer-key:/ }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.locator('.sign-in').waitFor()
  })
})
