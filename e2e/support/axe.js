/** WCAG 2.2 AA, as far as a program can tell. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export async function assertAccessible(page, where) {
  // What is fading in has not got its colours yet.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((one) => one.effect?.getTiming().iterations === Infinity || one.playState !== 'running'),
  )
  await page.evaluate(source)
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), tags)
  const told = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('\n  ')}`,
  )
  assert.deepEqual(told, [], `${where} has no violations`)
}
