import { describe, expect, it } from 'vitest'
import { returnPath } from './returnPath'

const isPage = (path: string): boolean => ['/', '/charts', '/team/a%2Fb'].includes(path)

describe('the way back after signing in', () => {
  it('leads to a view, with all that its address says', () => {
    expect(returnPath('/charts?range=week&team_id=a%26b#x', isPage)).toBe('/charts?range=week&team_id=a%26b#x')
    expect(returnPath('/team/a%2Fb', isPage)).toBe('/team/a%2Fb')
    expect(returnPath('/?to=//evil.example', isPage)).toBe('/?to=//evil.example')
  })

  it('never leads away from the page, however it is written', () => {
    const away = [
      null,
      '',
      'charts',
      'https://evil.example/',
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\t/evil.example',
      '\t//evil.example',
      '/\n/evil.example',
      'javascript:alert(1)',
      ' //evil.example',
      '/.//evil.example',
      '/charts/..//evil.example',
      '//here.invalid@evil.example/',
      '/api/v1/sign-out',
      '/sign-in',
      '//[',
    ]
    for (const to of away) expect(returnPath(to, isPage), String(to)).toBe('/')
  })
})
