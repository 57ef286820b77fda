import { describe, expect, it } from 'vitest'
import type { Me, Role, Sheet, Shown } from '../api/types'
import { doorOf, isOpenTeam, isShownOfOthers, measureFor, rankable, reachOfFigures, sightOf } from './access'

function person(role: Role, own: Me['may_see']['own'], others: Shown[], mode: Me['mode'] = 'board'): Me {
  return {
    mode,
    role,
    signed_in: role !== 'anybody',
    how: 'key',
    name: 'otter-ci',
    teams: role === 'team' || role === 'self' ? [{ team_id: 't-1', name: 'Otters' }] : [],
    expires_at: null,
    may_see: { own, others, keys_masked: true, people_floor: 3 },
    sign_in: { key: true, single_sign_on: null },
  }
}
const anybody = person('anybody', 'nothing', ['name', 'rank'])
const otter = person('team', 'teams', ['name', 'rank', 'tokens'])
const viewer = person('viewer', 'everything', [])

describe('what is shown of others', () => {
  it('is what the policy says, or all of it where all is open', () => {
    expect(isShownOfOthers(otter, 'tokens')).toBe(true)
    expect(isShownOfOthers(otter, 'spend')).toBe(false)
    expect(isShownOfOthers(viewer, 'spend')).toBe(true)
    expect(isShownOfOthers({ ...anybody, mode: 'open' }, 'keys')).toBe(true)
  })

  it('does not close one’s own team', () => {
    expect(isOpenTeam(otter, 't-1')).toBe(true)
    expect(isOpenTeam(otter, 't-2')).toBe(false)
    expect(isOpenTeam(person('self', 'keys', []), 't-1')).toBe(true)
    expect(isOpenTeam(anybody, 't-1')).toBe(false)
    expect(isOpenTeam(viewer, 't-2')).toBe(true)
    // Keys without models are half of what is inside.
    expect(isOpenTeam(person('team', 'teams', ['keys']), 't-2')).toBe(false)
  })
})

describe('the door', () => {
  it('is open to anybody for the leaderboard, and for the projector', () => {
    const doors = ['board', 'present', 'about', 'lost', 'sign-in', 'charts', 'team', 'access'].map((view) =>
      doorOf(anybody, view),
    )
    expect(doors).toEqual(['open', 'open', 'open', 'open', 'open', 'sign_in', 'sign_in', 'sign_in'])
  })

  it('is shut to who is not signed in where everything is private', () => {
    const nobody = { mode: 'private', role: 'anybody' } as const
    expect(['board', 'present', 'about', 'sign-in'].map((view) => doorOf(nobody, view))).toEqual([
      'sign_in',
      'sign_in',
      'sign_in',
      'open',
    ])
  })

  it('to access opens for admins', () => {
    expect(doorOf(viewer, 'access')).toBe('forbidden')
    expect(doorOf({ mode: 'private', role: 'admin' }, 'access')).toBe('open')
    expect(doorOf(otter, 'charts')).toBe('open')
  })

  it('is not there where everything is open', () => {
    expect(doorOf({ mode: 'open', role: 'anybody' }, 'access')).toBe('open')
  })
})

describe('ranking', () => {
  it('is offered by what is shown of everybody', () => {
    expect(rankable(null)).toHaveLength(5)
    expect(rankable({ reach: 'all', hidden: ['spend_usd'] })).toEqual(['tokens', 'requests', 'success_rate'])
    const all = ['tokens', 'requests', 'successful_requests', 'failed_requests', 'spend_usd']
    expect(rankable({ reach: 'all', hidden: all })).toEqual(['tokens'])
  })

  it('is by tokens where the chosen measure is hidden', () => {
    expect(measureFor('spend_usd', ['tokens', 'requests'])).toBe('tokens')
    expect(measureFor('requests', ['tokens', 'requests'])).toBe('requests')
  })
})

describe('figures of an answer', () => {
  const answer = (scope: Sheet['meta']['scope'], measures = ['tokens', 'spend_usd']): Sheet => {
    const columns = ['team', ...measures].map((name) => ({ name, kind: name === 'team' ? 'dimension' : 'measure' }))
    return { columns, meta: { scope } } as unknown as Sheet
  }

  it('are one’s own where nothing else is left', () => {
    expect(reachOfFigures(answer(undefined))).toBe('all')
    expect(reachOfFigures(answer({ reach: 'own', hidden: [] }))).toBe('own')
    expect(reachOfFigures(answer({ reach: 'all', hidden: ['spend_usd'] }))).toBe('all')
    expect(reachOfFigures(answer({ reach: 'all', hidden: ['tokens'] }, ['tokens', 'rank']))).toBe('own')
  })
})

describe('a sight', () => {
  it('is another one for another person, role, team or policy, and the same for a new deadline', () => {
    expect(sightOf({ ...otter, expires_at: '2026-12-01T00:00:00Z' })).toBe(sightOf(otter))
    const others = [
      viewer,
      anybody,
      { ...otter, name: 'fox-ci' },
      { ...otter, teams: [] },
      person('team', 'teams', ['name']),
    ]
    expect(new Set([otter, ...others].map(sightOf)).size).toBe(6)
  })
})
