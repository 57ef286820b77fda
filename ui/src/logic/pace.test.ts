import { describe, expect, it } from 'vitest'
import type { Moment } from './moments'
import { dismissed, offered, QUIET_MS, SHOWN_MS, STILL, ticked, type Pace } from './pace'

const passed = (id: string): Moment => ({ kind: 'passed', id, teamId: id, name: id, other: 'x', rank: 1 })
const streak = (id: string): Moment => ({ kind: 'streak', id, teamId: id, name: id, days: 3, orMore: false })
const shown = (pace: Pace): string | undefined => pace.shown?.moment.id

describe('the pace of headlines', () => {
  it('shows one at a time, and is quiet after it', () => {
    let pace = ticked(offered(STILL, [passed('a'), passed('b')], 0), 0)
    expect(shown(pace)).toBe('a')
    pace = ticked(pace, SHOWN_MS - 1)
    expect(shown(pace)).toBe('a')
    pace = ticked(pace, SHOWN_MS)
    expect(shown(pace)).toBeUndefined()
    pace = ticked(pace, SHOWN_MS + QUIET_MS - 1)
    expect(shown(pace)).toBeUndefined()
    expect(shown(ticked(pace, SHOWN_MS + QUIET_MS))).toBe('b')
  })

  it('tells news before what is true all day, and waits longer with the latter', () => {
    let pace = ticked(offered(STILL, [streak('s'), passed('a'), streak('t')], 0), 0)
    expect(shown(pace)).toBe('a')
    pace = ticked(pace, SHOWN_MS)
    expect(shown(ticked(pace, SHOWN_MS + QUIET_MS))).toBeUndefined()
    expect(shown(ticked(pace, SHOWN_MS + 10 * QUIET_MS))).toBe('s')
  })

  it('does not say "just" of what happened a while ago', () => {
    expect(shown(ticked(offered(STILL, [passed('a')], 0), 60_000))).toBeUndefined()
    expect(shown(ticked(offered(STILL, [streak('s')], 0), 60_000))).toBe('s')
  })

  it('tells a thing once, and a pair again only much later', () => {
    const shownAfter = (moment: Moment, ms: number): string | undefined => {
      const once = ticked(ticked(offered(STILL, [moment], 0), 0), SHOWN_MS)
      return shown(ticked(offered(once, [moment], ms), ms))
    }
    expect(shownAfter(passed('a'), 300_000)).toBeUndefined()
    expect(shownAfter(passed('a'), 900_000)).toBe('a')
    expect(shownAfter(streak('s'), 86_000_000)).toBeUndefined()
  })

  it('keeps few waiting, however many there are, and the same only once', () => {
    const many = Array.from({ length: 500 }, (_, index) => passed(`${index}`))
    const pace = offered(offered(STILL, many, 0), many.slice(0, 12), 1)
    expect(pace.waiting.length).toBe(12)
    expect(new Set(pace.waiting.map((one) => one.moment.id)).size).toBe(12)
    expect(pace.waiting.every((one) => one.at === 0)).toBe(true)
  })

  it('is quiet after one that was closed', () => {
    const pace = dismissed(ticked(offered(STILL, [passed('a'), passed('b')], 0), 0), 1_000)
    expect(shown(pace)).toBeUndefined()
    expect(shown(ticked(pace, 1_000 + QUIET_MS - 1))).toBeUndefined()
    expect(shown(ticked(pace, 1_000 + QUIET_MS))).toBe('b')
  })
})
