/** A goal of all teams together, or of every team, in a measure that adds up. */

import type { Board } from './board'

export const GOAL_MEASURES = ['tokens', 'requests', 'spend_usd'] as const
export type GoalMeasure = (typeof GOAL_MEASURES)[number]
export const GOAL_KINDS = ['together', 'each'] as const
export type GoalKind = (typeof GOAL_KINDS)[number]

export interface Goal {
  kind: GoalKind
  measure: GoalMeasure
  amount: number
}

export interface Reached {
  /** The sum of all teams, or how many of them are there. */
  now: number
  of: number
  /** 0 to 1. */
  share: number
}

/** `null` where the figures are not shown. */
export function reachedOf(board: Board, goal: Goal): Reached | null {
  const sums = board.teams.flatMap((team) => team[goal.measure] ?? [])
  if (sums.length < board.teams.length) return null
  const now =
    goal.kind === 'together' ? sums.reduce((all, one) => all + one, 0) : sums.filter((one) => one >= goal.amount).length
  const of = goal.kind === 'together' ? goal.amount : sums.length
  return { now, of, share: of > 0 ? Math.min(1, now / of) : 0 }
}

/** `together:tokens:1000000`, as it is written into a link. */
export function writeGoal({ kind, measure, amount }: Goal): string {
  return [kind, measure, amount].join(':')
}

export function readGoal(text: string | null): Goal | null {
  const [kind, measure, amount, ...rest] = (text ?? '').split(':')
  const goal = {
    kind: GOAL_KINDS.find((one) => one === kind),
    measure: GOAL_MEASURES.find((one) => one === measure),
    amount: Number(amount),
  }
  if (!goal.kind || !goal.measure || rest.length > 0 || !Number.isFinite(goal.amount) || goal.amount <= 0) return null
  return { kind: goal.kind, measure: goal.measure, amount: goal.amount }
}
