import { describe, expect, it } from 'vitest'
import type { Board } from './board'
import { reachedOf, readGoal, writeGoal } from './goal'

const board = { teams: [{ tokens: 600 }, { tokens: 400 }, { tokens: 399 }] } as unknown as Board

describe('goals', () => {
  it('are reached by all teams together, and never by more than all', () => {
    expect(reachedOf(board, { kind: 'together', measure: 'tokens', amount: 2798 })).toEqual({
      now: 1399,
      of: 2798,
      share: 0.5,
    })
    expect(reachedOf(board, { kind: 'together', measure: 'tokens', amount: 1000 })?.share).toBe(1)
  })

  it('are reached by every team that has so much', () => {
    expect(reachedOf(board, { kind: 'each', measure: 'tokens', amount: 400 })).toEqual({ now: 2, of: 3, share: 2 / 3 })
    expect(reachedOf({ ...board, teams: [] }, { kind: 'each', measure: 'tokens', amount: 1 })?.share).toBe(0)
  })

  it('are told nothing of where figures are hidden', () => {
    const seen = { teams: [{ tokens: 600 }, { tokens: null }] } as unknown as Board
    expect(reachedOf(seen, { kind: 'together', measure: 'tokens', amount: 1000 })).toBeNull()
  })

  it('are written into links, and nonsense is none', () => {
    const goal = { kind: 'each', measure: 'spend_usd', amount: 0.5 } as const
    expect(readGoal(writeGoal(goal))).toEqual(goal)
    for (const text of [
      null,
      '',
      'each',
      'each:luck:1',
      'each:tokens:0',
      'each:tokens:-1',
      'each:tokens:x',
      'each:tokens:1:2',
    ])
      expect(readGoal(text), String(text)).toBeNull()
  })
})
