import { afterEach, describe, expect, it } from 'vitest'
import { byUnit, changeOf, count, setLocale, tickOf, usd } from './format'

describe('numbers', () => {
  afterEach(() => setLocale('en'))

  it('are written as the language writes them, units and money included', () => {
    setLocale('fr')
    expect(count(1_234_567)).toBe('1\u202f234\u202f567')
    expect(usd(12.5)).toBe('12,50\u00a0$')
    expect(tickOf('usd')(20_000)).toBe('20\u00a0k\u00a0$')
    setLocale('ja')
    expect(byUnit('tokens')(12_300_000)).toBe('1230万')
    setLocale('ar-EG')
    expect(count(42)).toBe('٤٢')
  })

  it('keep a currency in Latin letters together in Arabic', () => {
    setLocale('ar')
    expect(usd(3)).toBe('\u20663.00\u00a0US$\u2069')
  })

  it('tell points by the word that the language has for them', () => {
    setLocale('pt', 'pt', 'p.p.')
    expect(changeOf('success_rate', 96, 94.5)).toBe('+1,5\u00a0p.p.')
  })
})
