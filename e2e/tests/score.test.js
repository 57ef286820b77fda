/** Fairer ways to rank, and goals of all. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible } from '../support/axe.js'
import { boardReady, DESKTOP, PHONE, picture, rowNames } from '../support/browser.js'
import { useDemo } from '../support/demo.js'

const demo = useDemo()
const DAY = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
const BOARD = `/?start=${DAY}&end=${DAY}&tz=UTC`

/** The rows of an answer as objects. */
async function rows(page, query) {
  const sheet = await page.evaluate(
    (url) => fetch(url).then((one) => one.json()),
    `/api/v1/query?start_date=${DAY}&end_date=${DAY}&tz=UTC&${query}`,
  )
  return sheet.rows.map((cells) => Object.fromEntries(sheet.columns.map(({ name }, place) => [name, cells[place]])))
}

const SCORES = {
  per_key: (team, keys) => team.tokens / keys.length,
  per_usd: (team) => (team.spend_usd > 0 ? team.tokens / team.spend_usd : null),
  no_cache: (team) => team.tokens - team.cache_read_tokens,
  success: (team) => (team.tokens * team.successful_requests) / team.requests,
}

for (const [score, of] of Object.entries(SCORES)) {
  test(`teams rank by ${score}, as anybody can work out from the API`, async () => {
    await demo.visit(`${BOARD}&score=${score}`, {}, async (page) => {
      await boardReady(page)
      const teams = await rows(page, 'by=team&measures=tokens,spend_usd,cache_read_tokens,successful_requests,requests')
      const keys = (await rows(page, 'by=team,api_key&measures=tokens,requests')).filter(
        (one) => one.tokens > 0 || one.requests > 0,
      )
      const expected = teams
        .map((team) => ({
          name: team.team,
          value: of(
            team,
            keys.filter((key) => key.team_id === team.team_id),
          ),
        }))
        .filter((one) => one.value !== null)
        .sort((a, b) => b.value - a.value)
      assert.deepEqual(
        await rowNames(page),
        expected.map((one) => one.name),
      )
      const shown = await page.locator('.board-list .exact').allTextContents()
      shown.forEach((text, place) =>
        assert.ok(
          Math.abs(Number(text.replaceAll(',', '')) - expected[place].value) <= 0.5,
          `${text} ${expected[place].value}`,
        ),
      )
      await page.locator('.score-formula', { hasText: /^Score = Tokens/ }).waitFor()
    })
  })
}

test('a score is chosen beside the measure, stays in the address, and is told on the projector', async () => {
  await demo.visit('/?range=yesterday', {}, async (page) => {
    await boardReady(page)
    const before = await rowNames(page)
    assert.equal(await page.locator('.score-formula').count(), 0, 'nothing is scored unless one asks for it')
    await page.getByLabel('Scoring').selectOption('per_key')
    await page.waitForURL(/score=per_key/)
    await page.getByText('The gateway does not tell how many people a team has').waitFor()
    await boardReady(page)
    await page.locator('.board-head', { hasText: 'Tokens per active key' }).waitFor()
    await page.getByRole('button', { name: 'Success rate', exact: true }).click()
    assert.equal(await page.getByLabel('Scoring').count(), 0, 'a rate has no scores')
    await page.getByRole('button', { name: 'Tokens', exact: true }).click()
    await page.getByRole('link', { name: 'Present' }).click()
    await page.locator('.present-range', { hasText: 'Tokens per active key' }).waitFor()
    await page.locator('.race-row').first().waitFor()
    await page.goBack()
    await page.getByLabel('Scoring').selectOption('plain')
    await page.waitForFunction((names) => {
      const rows = [...document.querySelectorAll('.board-list .row-name a')]
      return rows.map((row) => row.textContent).join('\n') === names
    }, before.join('\n'))
  })
})

test('a goal of all teams, and one of every team, have bars here and on the projector', async () => {
  await demo.visit(BOARD, {}, async (page) => {
    await boardReady(page)
    const teams = await rows(page, 'by=team&measures=tokens')
    const all = teams.reduce((sum, team) => sum + team.tokens, 0)
    await page.getByRole('button', { name: 'Goal' }).click()
    await page.getByRole('spinbutton').fill(String(all * 2))
    await page.getByRole('button', { name: 'Set goal' }).click()
    const bar = page.getByRole('progressbar', { name: /^All teams together: / })
    await bar.waitFor()
    assert.equal(await bar.getAttribute('aria-valuenow'), '50')
    await page.waitForURL(/goal=together%3Atokens%3A/)
    await picture(page, 'goal')
    await page.goto(`${demo.url}${BOARD}&goal=together:tokens:${Math.floor(all / 2)}`)
    await page.getByText('Reached!').waitFor()
    const middle = teams.map((team) => team.tokens).sort((a, b) => a - b)[Math.floor(teams.length / 2)]
    const reached = teams.filter((team) => team.tokens >= middle).length
    await page.goto(`${demo.url}/present${BOARD.slice(1)}&goal=each:tokens:${middle}`)
    await page.getByText(`${reached} of ${teams.length} (Tokens)`).waitFor()
    await picture(page, 'goal-present')
    await page.getByRole('link', { name: 'Leave' }).click()
    await page.getByRole('button', { name: 'Goal' }).click()
    await page.getByRole('button', { name: 'Remove goal' }).click()
    await page.waitForFunction(() => !window.location.search.includes('goal='))
    await page.getByRole('progressbar').waitFor({ state: 'detached' })
  })
})

for (const [size, viewport] of Object.entries({
  desktop: DESKTOP,
  phone: PHONE,
  small: { width: 1024, height: 768 },
})) {
  for (const locale of ['en-US', 'ar', 'ja-JP']) {
    test(`${locale}, ${size}: no violations, nothing wider than the screen`, async () => {
      await demo.visit(
        '/?range=week&score=per_usd&goal=together:tokens:200000000',
        { locale, viewport },
        async (page) => {
          await boardReady(page)
          await picture(page, `score-${locale}-${size}`)
          await assertAccessible(page, `score, ${locale}, ${size}`)
          const over = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          assert.equal(over, 0)
        },
      )
    })
  }
}
