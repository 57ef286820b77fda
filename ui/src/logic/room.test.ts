import { describe, expect, it } from 'vitest'
import { plainView, readView } from './link'
import { isLocal, roomAddress } from './room'

describe('the address for phones', () => {
  it('has the same days and ranks, and neither filters nor what is unfolded', () => {
    const view = {
      ...plainView('Asia/Tokyo', 'spend_usd'),
      range: { preset: 'week' as const },
      score: 'per_key' as const,
      goal: { kind: 'each' as const, measure: 'tokens' as const, amount: 5 },
      search: 'red',
      open: 'a',
    }
    const address = new URL(roomAddress('https://podium.example/usage/', view))
    expect(address.origin + address.pathname).toBe('https://podium.example/usage/')
    expect(address.searchParams.get('mine')).toBe('choose')
    expect(readView(address.searchParams, 'UTC')).toEqual({ ...view, search: '', open: '' })
  })

  it('is known to lead nowhere if it means the device itself', () => {
    for (const host of ['localhost', 'podium.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
      expect(isLocal(host), host).toBe(true)
    for (const host of ['podium.example', '10.0.0.7', 'localhost.example', '[fe80::1]', '127.example'])
      expect(isLocal(host), host).toBe(false)
  })
})
