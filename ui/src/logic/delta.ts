/**
 * Answers that Podium tells by what changed since an earlier one (`A-IM: parts`): the text is divided
 * at its commas, so many parts stay, so many go, and a text comes in their place, if there is one.
 */

export type Step = readonly [keep: number, drop: number, put: string | null]

/** What `text` becomes by these steps. */
export function stepped(text: string, steps: readonly Step[]): string {
  const parts = text.split(',')
  const made: string[] = []
  let at = 0
  for (const [keep, drop, put] of steps) {
    for (const end = at + keep; at < end; at++) made.push(parts[at] ?? '')
    if (put !== null) made.push(put)
    at += drop
  }
  return [...made, ...parts.slice(at)].join(',')
}
