import { describe, expect, it } from 'vitest'
import { stepped } from './delta'

describe('a text and what changed in it', () => {
  const text = '{"rows":[["A",1,2],["B",3,4]],"meta":0}'

  it('puts parts in the place of others', () => {
    expect(stepped(text, [[4, 1, '5']])).toBe('{"rows":[["A",1,2],["B",5,4]],"meta":0}')
  })

  it('adds parts, and takes some away', () => {
    const more = stepped(text, [[3, 0, '["AB",7,7]']])
    expect(more).toBe('{"rows":[["A",1,2],["AB",7,7],["B",3,4]],"meta":0}')
    expect(stepped(more, [[3, 3, null]])).toBe(text)
  })

  it('is the same where nothing changed', () => {
    expect(stepped(text, [])).toBe(text)
  })
})
