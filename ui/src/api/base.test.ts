import { expect, test } from 'vitest'
import { baseOf, within } from './base'

test('the base is a path without a slash at its end', () => {
  expect([null, '/', '/podium/', '/a/b/'].map(baseOf)).toEqual(['', '', '/podium', '/a/b'])
})

test('addresses below the base are paths of Podium', () => {
  expect(within('/podium/charts', '/podium')).toBe('/charts')
  expect(within('/podium', '/podium')).toBe('/')
  expect(within('/podiums/charts', '/podium')).toBe('/podiums/charts')
  expect(within('/charts', '')).toBe('/charts')
})
