import { beforeEach, describe, expect, it } from 'vitest'
import { clockText, endOf, isLastMinutes } from './countdown'
import { toCsv } from './csv'
import { ago, byMeasure, change, compact, count, percent, price, setLocale, usd, weekday } from './format'
import { modelNames, shortModel } from './models'
import { matches, terms } from './search'
import { sparkPaths } from './spark'
import { offsetOf, visibleRows } from './window'

describe('CSV', () => {
  it('quotes what needs quotes, leaves gaps empty, and disarms formulas', () => {
    const table = {
      columns: ['Team', 'Tokens'],
      rows: [
        ['a "b", c', 1.5],
        ['=1+1', null],
        ['+x\ny', 0],
      ],
    }
    expect(toCsv(table)).toBe('Team,Tokens\r\n"a ""b"", c",1.5\r\n\'=1+1,\r\n"\'+x\ny",0\r\n')
  })
})

describe('CSV of times', () => {
  it('begins with the instants, which no locale changes', () => {
    const table = { columns: ['Zeit', 'Tokens'], rows: [['Di., 24. Nov.', 7]], keys: ['2026-11-24T00:00:00+01:00'] }
    expect(toCsv(table)).toBe('start,Zeit,Tokens\r\n2026-11-24T00:00:00+01:00,"Di., 24. Nov.",7\r\n')
  })
})

describe('search', () => {
  it('finds names that contain any of the terms, whatever case and accents', () => {
    expect(matches('Team Münster', terms(' munster , paris'))).toBe(true)
    expect(matches('Team Paris', terms('munster,paris'))).toBe(true)
    expect(matches('Team Rom', terms('munster,paris'))).toBe(false)
  })

  it('finds everything without terms', () => {
    expect(matches('anything', terms(' , ,'))).toBe(true)
  })
})

describe('numbers', () => {
  beforeEach(() => setLocale('en-US'))

  it('are exact where they are small and short where they are large', () => {
    expect(compact(9_999)).toBe('9,999')
    expect(compact(1_234_567)).toBe('1.23M')
    expect(count(1_234_567)).toBe('1,234,567')
  })

  it('show prices of fractions of cents', () => {
    expect(price(0.0030461)).toBe('$0.00305')
    expect(price(0.1234)).toBe('$0.123')
    expect(usd(0.519)).toBe('$0.52')
    expect(usd(0.0049)).toBe('$0.0049')
    expect(usd(12.345)).toBe('$12.35')
    expect(usd(0)).toBe('$0.00')
  })

  it('follow the locale', () => {
    setLocale('de-DE')
    expect(count(1_234_567)).toBe('1.234.567')
    expect(byMeasure('success_rate', 98.765)).toBe('98,77\u00a0%')
    expect(weekday(1, 'long')).toBe('Montag')
    expect(ago(3_000)).toBe('vor 3 Sekunden')
  })

  it('tell changes with a sign, and none from nothing', () => {
    expect(change(150, 100)).toBe('+50%')
    expect(change(50, 100)).toBe('-50%')
    expect(change(50, 0)).toBeNull()
    expect(percent(0.12345)).toBe('12.3%')
  })
})

describe('model names', () => {
  it('are the last part, in full where that is not enough', () => {
    expect(shortModel('acme/OpenAI/gpt-5.2')).toBe('gpt-5.2')
    expect(shortModel('odd/')).toBe('odd/')
    const names = modelNames(['a/x', 'b/x', 'b/y'])
    expect([...names.values()]).toEqual(['a/x', 'b/x', 'y'])
  })
})

describe('countdown', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')

  it('reads a time of day in the zone, a wall clock, and an instant', () => {
    expect(endOf('17:30', now, 'Europe/Berlin')).toBe(Date.parse('2026-11-24T16:30:00Z'))
    expect(endOf('2026-11-25T09:00', now, 'Europe/Berlin')).toBe(Date.parse('2026-11-25T08:00:00Z'))
    expect(endOf('2026-11-25T09:00:00Z', now, 'Europe/Berlin')).toBe(Date.parse('2026-11-25T09:00:00Z'))
  })

  it('has ten last minutes, which last until somebody ends them', () => {
    const end = Date.parse('2026-11-24T17:30:00Z')
    const minutes = [-600_001, -600_000, 0, 3_600_000].map((ms) => isLastMinutes(end, end + ms))
    expect(minutes).toEqual([false, true, true, true])
    expect(isLastMinutes(null, end)).toBe(false)
  })

  it('shows no countdown for anything else', () => {
    for (const text of ['', 'soon', '25:00', '12:61', '2026-11-25']) expect(endOf(text, now, 'UTC')).toBeNull()
  })

  it('is written as a clock', () => {
    expect(clockText(59_001)).toBe('01:00')
    expect(clockText(3_600_000 * 2 + 61_000)).toBe('2:01:01')
  })
})

describe('sparklines', () => {
  it('break at gaps, show single values, and keep zero on the ground', () => {
    const { line } = sparkPaths([0, 10, null, 5], 30, 20, false)
    expect(line.match(/M/g)).toHaveLength(2)
    expect(line.startsWith('M0 18L10 2')).toBe(true)
    expect(sparkPaths([null, null], 30, 20, true)).toEqual({ line: '', area: '', open: '' })
  })

  it('lead to the unfinished bucket by a line of its own', () => {
    expect(sparkPaths([10, 10, 0], 20, 20, true)).toMatchObject({ line: 'M0 2L10 2', open: 'M10 2L20 18' })
    expect(sparkPaths([10, 10, 0, null], 30, 20, true).open).toBe('M10 2L20 18')
    expect(sparkPaths([10, 10, 0], 20, 20, false).open).toBe('')
  })
})

describe('the window of rows', () => {
  const layout = { rowHeight: 50, openIndex: 2, panelHeight: 200 }

  it('moves what is below an unfolded row', () => {
    expect([0, 2, 3, 4].map((index) => offsetOf(index, layout))).toEqual([0, 100, 350, 400])
  })

  it('holds every row on the screen, and few others', () => {
    for (let top = -500; top < 30_000; top += 37) {
      const { first, last } = visibleRows(top, 800, 500, layout)
      for (let index = 0; index < 500; index++) {
        const y = offsetOf(index, layout)
        const shown = y + layout.rowHeight > top && y < top + 800
        if (shown) expect(index >= first && index < last).toBe(true)
      }
      expect(last - first).toBeLessThanOrEqual(30)
    }
  })
})
