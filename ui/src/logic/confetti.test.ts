import { describe, expect, it } from 'vitest'
import { moved, PIECES, thrown, type Piece } from './confetti'

/** Numbers that are the same every time. */
function chance(): () => number {
  let seed = 7
  return () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
}

describe('confetti', () => {
  const pieces = thrown(1_000, 800, chance())

  it('is thrown inwards and up from both corners', () => {
    expect(pieces.length).toBe(PIECES)
    for (const piece of pieces) {
      expect(piece.vy).toBeLessThan(0)
      expect(Math.sign(piece.vx)).toBe(piece.x === 0 ? 1 : -1)
    }
  })

  it('fills the screen, comes down slowly, and is gone within ten seconds', () => {
    let flying: Piece[] = pieces
    let highest = 800
    let seconds = 0
    while (flying.length > 0 && seconds < 30) {
      flying = moved(flying, 1 / 60, 800)
      seconds += 1 / 60
      highest = Math.min(highest, ...flying.map((piece) => piece.y))
      expect(Math.max(0, ...flying.map((piece) => piece.vy))).toBeLessThanOrEqual(260)
    }
    expect(highest).toBeLessThan(300)
    expect(seconds).toBeGreaterThan(2)
    expect(seconds).toBeLessThan(10)
  })
})
