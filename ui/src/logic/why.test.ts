import { describe, expect, it } from 'vitest'
import type { Sheet } from '../api/types'
import { decimalOf, isSame, minus, numberOf, plus, sum, textOf, type Decimal } from './decimal'
import { addsUp, behind, stepsOf, toldOf, WHY_SPLITS, whyOf, type Why, type WhyMeasure } from './why'

interface Row {
  team: string | null
  key: string
  model: string
  now: number
  before: number
}

function sheetOf(rows: readonly Row[], measure: WhyMeasure, more: Partial<Sheet> = {}): Sheet {
  const columns = ['team', 'team_id', 'api_key_alias', 'api_key', 'model', measure, `previous_${measure}`]
  return {
    grain: 'total',
    columns: columns.map((name, place) => {
      const kind = place < 5 ? 'dimension' : place === 5 ? 'measure' : 'compare'
      return { name, kind, type: 'string', unit: null }
    }),
    rows: rows.map(({ team, key, model, now, before }) =>
      team === null
        ? ['Others', null, 'Others', null, 'Others', now, before]
        : [`Team ${team}`, team, `alias ${key}`, key, model, now, before],
    ),
    totals: {},
    others: null,
    compare: { start_date: '2026-11-26', end_date: '2026-11-26', until: null, complete: true, totals: {} },
    buckets: [],
    meta: {} as Sheet['meta'],
    ...more,
  }
}

/** Numbers that look random and are the same in every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function world(seed: number, measure: WhyMeasure): Row[] {
  const roll = dice(seed)
  const upTo = (most: number): number => Math.floor(roll() * most)
  // Prices have many digits, and some are tiny.
  const amount = (): number =>
    roll() < 0.2 ? 0 : measure === 'spend_usd' ? roll() * 10 ** (upTo(9) - 6) : upTo(10 ** (1 + upTo(9)))
  return Array.from({ length: 1 + upTo(60) }, () => ({
    team: `t${upTo(14)}`,
    key: `k${upTo(30)}`,
    model: `m${upTo(12)}`,
    now: amount(),
    before: amount(),
  }))
}

const made = (rows: readonly Row[], measure: WhyMeasure, split: (typeof WHY_SPLITS)[number]): Why => {
  const why = whyOf(sheetOf(rows, measure), measure, split)
  if (!why) throw new Error('The period before is known.')
  return why
}
const rest = (why: Why): Decimal[] => (why.rest ? [why.rest.by] : [])

describe('why it changed', () => {
  it('adds up exactly in three hundred random worlds, however it is told apart', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const measure = seed % 2 === 0 ? 'spend_usd' : 'tokens'
      const rows = world(seed, measure)
      const change = minus(sum(rows.map(({ now }) => decimalOf(now))), sum(rows.map(({ before }) => decimalOf(before))))
      for (const split of WHY_SPLITS) {
        const why = made(rows, measure, split)
        expect(textOf(sum([...why.parts.map(({ by }) => by), ...rest(why)])), `${seed} ${split}`).toBe(textOf(change))
        expect(addsUp(why)).toBe(true)
        expect(isSame(plus(why.before, why.by), why.now)).toBe(true)
      }
      if (measure === 'tokens') {
        const plain = rows.reduce((all, { now, before }) => all + now - before, 0)
        expect(numberOf(made(rows, measure, 'model').by)).toBe(plain)
      }
    }
  })

  it('is exact where numbers are not: a tenth and two tenths are three tenths', () => {
    const rows = [
      { team: 'a', key: 'k', model: 'm', now: 0.1, before: 0 },
      { team: 'b', key: 'l', model: 'm', now: 0.2, before: 0 },
    ]
    expect(textOf(made(rows, 'spend_usd', 'model').by)).toBe('0.3')
    expect(textOf(decimalOf(1e-7))).toBe('0.0000001')
    expect(textOf(decimalOf(-1.5e21))).toBe('-1500000000000000000000')
  })

  it('notices parts that do not make up the whole', () => {
    const why = made(world(7, 'tokens'), 'tokens', 'team')
    expect(addsUp({ ...why, by: plus(why.by, decimalOf(1)) })).toBe(false)
  })

  it('tells at most eight parts, the greatest first, and the others as one', () => {
    const rows = Array.from({ length: 12 }, (_, place) => ({
      team: `t${place}`,
      key: `k${place}`,
      model: 'm',
      now: place % 2 === 0 ? 100 + place : 0,
      before: place % 2 === 0 ? 0 : 100 + place,
    }))
    const why = made(rows, 'requests', 'team')
    expect(why.parts.map(({ id }) => id)).toEqual(['t11', 't10', 't9', 't8', 't7', 't6', 't5', 't4'])
    expect(why.rest?.count).toBe(4)
    // Nine have room: a rest of one would not save any.
    expect(made(rows.slice(3), 'requests', 'team').rest).toBeNull()
  })

  it('counts what the API put together as others', () => {
    const rows: Row[] = [
      { team: 'a', key: 'k', model: 'm', now: 5, before: 1 },
      { team: null, key: '', model: '', now: 10, before: 30 },
    ]
    const why = whyOf(sheetOf(rows, 'tokens', { others: 17 }), 'tokens', 'model')
    expect(why?.rest?.count).toBe(17)
    expect([why?.rest?.by, why?.by].map((one) => one && numberOf(one))).toEqual([-20, -16])
  })

  it('says nothing where the period before is not known', () => {
    const compare = { start_date: '2026-11-26', end_date: '2026-11-26', until: null, complete: false, totals: {} }
    expect(whyOf(sheetOf([], 'tokens', { compare }), 'tokens', 'team')).toBeNull()
    expect(whyOf(sheetOf([], 'tokens', { compare: null }), 'tokens', 'team')).toBeNull()
  })

  it('explains rates by what they are made of', () => {
    expect([behind('success_rate'), behind('usd_per_1k_tokens'), behind('requests')]).toEqual([
      'failed_requests',
      'spend_usd',
      'requests',
    ])
  })
})

describe('the sentence', () => {
  const of = (...changes: number[]): string => {
    const rows = changes.map((by, place) => ({
      team: `t${place}`,
      key: 'k',
      model: 'm',
      now: Math.max(by, 0),
      before: Math.max(-by, 0),
    }))
    const { kind, first, second, other } = toldOf(made(rows, 'tokens', 'team'))
    return [kind, first?.id, second?.id, other?.id].filter(Boolean).join(' ')
  }

  it('names whom it was, and who went the other way', () => {
    expect(of(90, 10)).toBe('one t0')
    expect(of(60, 40)).toBe('two t0 t1')
    expect(of(100, -30)).toBe('oneBut t0 t1')
    expect(of(60, 50, -40)).toBe('twoBut t0 t1 t2')
    expect(of(-60, -50, 40)).toBe('twoBut t0 t1 t2')
    expect(of(30, -30)).toBe('same')
    expect(of(0)).toBe('same')
  })
})

describe('the waterfall', () => {
  it('goes from before to now without a gap', () => {
    const why = made(world(11, 'tokens'), 'tokens', 'team')
    const { steps, before, now } = stepsOf(why)
    let at = before
    for (const step of steps) {
      expect(step.grows ? step.from : step.to).toBeCloseTo(at, 9)
      at = step.grows ? step.to : step.from
    }
    expect(at).toBeCloseTo(now, 9)
    expect(steps.every(({ from, to }) => from >= 0 && to <= 1 && from <= to)).toBe(true)
  })
})
