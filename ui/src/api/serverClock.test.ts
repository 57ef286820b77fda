import { describe, expect, it } from 'vitest'
import { offsetOf } from './serverClock'

const at = Date.parse('2026-11-24T12:00:00Z')

describe('the clock of the device', () => {
  it('is right as far as whole seconds tell', () => {
    expect(offsetOf('Tue, 24 Nov 2026 12:00:00 GMT', at, at + 40)).toBe(0)
    expect(offsetOf('Tue, 24 Nov 2026 12:00:04 GMT', at, at + 40)).toBe(0)
  })

  it('is behind or ahead by what the answer says', () => {
    expect(offsetOf('Tue, 24 Nov 2026 12:07:00 GMT', at, at)).toBe(7 * 60_000 + 500)
    expect(offsetOf('Tue, 24 Nov 2026 11:00:00 GMT', at, at)).toBe(-60 * 60_000 + 500)
  })

  it('cannot be told from no date, or from an answer that took long', () => {
    expect(offsetOf(null, at, at)).toBeNull()
    expect(offsetOf('soon', at, at)).toBeNull()
    expect(offsetOf('Tue, 24 Nov 2026 12:07:00 GMT', at, at + 60_000)).toBeNull()
  })
})
