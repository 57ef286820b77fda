import { describe, expect, it } from 'vitest'
import { cityOf, findZones, zoneOf } from './zones'

describe('time zones', () => {
  it('are found by city, by region and by parts, those that begin so first', () => {
    expect(findZones('berlin', 5)).toEqual(['Europe/Berlin'])
    expect(findZones('buenos aires', 5)[0]).toMatch(/Buenos_Aires$/)
    expect(findZones('lond', 5)[0]).toBe('Europe/London')
    expect(findZones('pacific', 3)).toHaveLength(3)
    expect(findZones('utc', 5)).toContain('UTC')
    for (const city of ['Kathmandu', 'Kolkata', 'Kyiv', 'Ho Chi Minh', 'Nuuk'])
      expect(findZones(city, 5)[0]?.replaceAll('_', ' '), city).toContain(city)
  })

  it('need not be on the list', () => {
    expect(findZones('Etc/GMT+5', 5)).toEqual(['Etc/GMT+5'])
    expect(findZones('Asia/Calcutta', 5)[0]).toMatch(/Asia\/(Calcutta|Kolkata)/)
  })

  it('are not made up', () => {
    expect(findZones('Mars/Olympus', 5)).toEqual([])
    expect(findZones('', 5)).toEqual([])
  })

  it('are told with the city and the offset of the moment', () => {
    expect(cityOf('America/New_York')).toBe('New York')
    expect(zoneOf('Asia/Kathmandu', 0, 'en')).toMatchObject({ name: 'Asia, Kathmandu', offset: 'GMT+5:30' })
    expect(zoneOf('Europe/Berlin', Date.parse('2026-07-01T00:00:00Z'), 'en').offset).toBe('GMT+2')
  })
})
