/** Paper in the air: where each piece is. Nothing here draws. */

export interface Piece {
  x: number
  y: number
  /** Pixels a second. */
  vx: number
  vy: number
  /** Radians, and by how many more a second. */
  angle: number
  spin: number
  size: number
  /** Which of the colours. */
  colour: number
}

const GRAVITY = 900
/** Air: the share of its speed that a piece keeps for a second. */
const DRAG = 0.35
const FASTEST_FALL = 260
export const PIECES = 160

/** Thrown up from both lower corners of a screen. */
export function thrown(width: number, height: number, random: () => number = Math.random): Piece[] {
  return Array.from({ length: PIECES }, (_, index) => {
    const fromStart = index % 2 === 0
    const strength = height * (1.1 + random() * 0.9)
    const lean = (0.12 + random() * 0.5) * (fromStart ? 1 : -1)
    return {
      x: fromStart ? 0 : width,
      y: height,
      vx: Math.sin(lean) * strength * 1.2,
      vy: -Math.cos(lean) * strength,
      angle: random() * Math.PI,
      spin: (random() - 0.5) * 14,
      size: 7 + random() * 9,
      colour: Math.floor(random() * 1_000),
    }
  })
}

/** After so many seconds; what fell out of the picture is gone. */
export function moved(pieces: readonly Piece[], seconds: number, height: number): Piece[] {
  const kept = DRAG ** seconds
  return pieces
    .map((piece) => {
      const vy = Math.min(piece.vy * kept + GRAVITY * seconds, FASTEST_FALL)
      const vx = piece.vx * kept
      return {
        ...piece,
        vx,
        vy,
        x: piece.x + vx * seconds,
        y: piece.y + vy * seconds,
        angle: piece.angle + piece.spin * seconds,
      }
    })
    .filter((piece) => piece.y < height + piece.size)
}
