import { expect, test } from 'vitest'
import { patched } from './mergePatch'

test('only what is told changes', () => {
  const state = { version: 1, gateway: { reachable: true, error: null as string | null }, days: [1, 2] }
  const next = patched(state, { version: 2, gateway: { error: 'away' } })
  expect(next).toEqual({ version: 2, gateway: { reachable: true, error: 'away' }, days: [1, 2] })
  expect(state.gateway.error).toBeNull()
  expect(patched(next, { gateway: { error: null }, days: [3] })).toEqual({
    version: 2,
    gateway: { reachable: true, error: null },
    days: [3],
  })
})

test('the first state is whole, and takes the place of nothing or of an older one', () => {
  const whole = { date: '2026-11-24', rate: null }
  expect(patched(null, whole)).toEqual(whole)
  expect(patched({ date: '2026-11-23', rate: 2 }, whole)).toEqual(whole)
})
