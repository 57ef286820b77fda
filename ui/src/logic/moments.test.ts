import { describe, expect, it } from 'vitest'
import { climbs, firstTold, passes, type Moment } from './moments'
import { ranking, type Ranking } from './rank'

/** A ranking of teams by these tokens. */
function rankingOf(tokens: Record<string, number>): Ranking {
  const teams = Object.entries(tokens).map(([name, n]) => ({
    team_id: name.toLowerCase(),
    name,
    deleted: false,
    tokens: n,
    requests: n,
    successful_requests: n,
    failed_requests: 0,
    spend_usd: n,
    previous: null,
    trend: [],
  }))
  return ranking(teams, 'tokens')
}

const told = (moments: Moment[]): string[] =>
  moments.map((one) => (one.kind === 'passed' ? `${one.name} > ${one.other}, ${one.rank}` : one.kind))

describe('who passed whom', () => {
  it('names the one who rose and the one that is right behind now', () => {
    const before = rankingOf({ A: 9, B: 8, C: 7, D: 6 })
    expect(told(passes(before, rankingOf({ A: 9, B: 8, C: 7, D: 8.5 })))).toEqual(['D > B, 2'])
  })

  it('is silent while everybody keeps their place, however much is used', () => {
    expect(passes(rankingOf({ A: 3, B: 2 }), rankingOf({ A: 300, B: 299 }))).toEqual([])
  })

  it('never has those who were passed as its subject', () => {
    const moments = passes(rankingOf({ A: 3, B: 2, C: 1 }), rankingOf({ A: 3, B: 2, C: 4 }))
    expect(moments.map((one) => one.name)).toEqual(['C'])
  })

  it('says nothing of who appears, nor of who rose because somebody left', () => {
    expect(passes(rankingOf({ A: 2 }), rankingOf({ A: 2, New: 9 }))).toEqual([])
    expect(passes(rankingOf({ A: 3, B: 2 }), rankingOf({ B: 2 }))).toEqual([])
  })

  it('does not take drawing level for passing', () => {
    expect(passes(rankingOf({ A: 3, B: 2 }), rankingOf({ A: 3, B: 3 }))).toEqual([])
  })

  it('has one id for a pair, whoever is in front', () => {
    const [first] = passes(rankingOf({ A: 2, B: 1 }), rankingOf({ A: 2, B: 3 }))
    const [second] = passes(rankingOf({ A: 2, B: 3 }), rankingOf({ A: 4, B: 3 }))
    expect(first?.id).toBe(second?.id)
  })
})

describe('who climbed', () => {
  it('tells those who rose by two places or more, the most first, and nobody who fell', () => {
    const now = rankingOf({ A: 5, B: 4, C: 3, D: 2 })
    const rises = new Map([
      ['a', 2],
      ['b', 3],
      ['c', 1],
      ['d', -3],
    ])
    expect(climbs(now, rises, 0).map((one) => [one.name, 'places' in one && one.places])).toEqual([
      ['B', 3],
      ['A', 2],
    ])
  })
})

describe('the order', () => {
  it('is news first, records then, streaks last', () => {
    const about = { id: '', teamId: '', name: '' }
    const moments: Moment[] = [
      { ...about, kind: 'streak', days: 3, orMore: false },
      { ...about, kind: 'bestHour', value: 1, of: 2 },
      { ...about, kind: 'passed', other: '', rank: 1 },
      { ...about, kind: 'bestDay', value: 1, of: 2 },
    ]
    expect(firstTold(moments).map((one) => one.kind)).toEqual(['passed', 'bestDay', 'bestHour', 'streak'])
  })
})
