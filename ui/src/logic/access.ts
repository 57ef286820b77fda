/** What somebody may look at: rules about people and views, and about measures that are hidden. */

import type { Me, Scope, Sheet, Shown } from '../api/types'
import { MEASURES, type Measure } from './measure'

/** What the page remembers belongs to whom this names. */
export function sightOf({ mode, role, how, name, teams, may_see: may }: Me): string {
  return JSON.stringify([mode, role, how, name, teams.map((team) => team.team_id).sort(), may])
}

export function isShownOfOthers({ mode, may_see: may }: Me, what: Shown): boolean {
  return mode === 'open' || may.own === 'everything' || may.others.includes(what)
}

/** Whether a team's keys and models may be looked at. */
export function isOpenTeam(me: Me, teamId: string): boolean {
  if (isShownOfOthers(me, 'keys') && isShownOfOthers(me, 'models')) return true
  return me.may_see.own !== 'nothing' && me.teams.some((team) => team.team_id === teamId)
}

/** Views that who is not signed in may see where the leaderboard is open to anybody. */
const OPEN_VIEWS: readonly string[] = ['board', 'present', 'about', 'lost']

export type Door = 'open' | 'sign_in' | 'forbidden'

/** What stands in a view's place. */
export function doorOf({ mode, role }: Pick<Me, 'mode' | 'role'>, view: string): Door {
  if (mode === 'open' || view === 'sign-in') return 'open'
  if (role === 'anybody') return mode === 'board' && OPEN_VIEWS.includes(view) ? 'open' : 'sign_in'
  return view === 'access' && role !== 'admin' ? 'forbidden' : 'open'
}

/** Whose figures an answer tells: where all of them are hidden of others, one's own are left. */
export function reachOfFigures({ columns, meta: { scope } }: Sheet): Scope['reach'] {
  const told = columns.filter(({ name, kind }) => kind === 'measure' && name !== 'rank')
  return scope && (scope.reach === 'own' || told.every(({ name }) => scope.hidden.includes(name))) ? 'own' : 'all'
}

/** The sums that a measure is made of. */
const MADE_OF: Record<Measure, readonly string[]> = {
  tokens: ['tokens'],
  spend_usd: ['spend_usd'],
  requests: ['requests'],
  success_rate: ['requests', 'successful_requests'],
  usd_per_1k_tokens: ['tokens', 'spend_usd'],
}

/** What one can rank everybody by. Where nothing is shown but ranks, they are those by tokens. */
export function rankable(scope: Scope | null | undefined): readonly Measure[] {
  const hidden = new Set(scope?.hidden)
  return MEASURES.filter((measure) => measure === 'tokens' || !MADE_OF[measure].some((sum) => hidden.has(sum)))
}

/** The measure that is chosen, or tokens where it is hidden. */
export function measureFor(chosen: Measure, choices: readonly Measure[]): Measure {
  return choices.includes(chosen) ? chosen : 'tokens'
}
