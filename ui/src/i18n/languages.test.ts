import { describe, expect, it } from 'vitest'
import { directionOf, isLanguage, localeOf, preferred, tagOf } from './languages'

describe('languages', () => {
  it('are met by the first of the browser’s that the page speaks', () => {
    expect(preferred(['fr-CA', 'en'])).toBe('fr')
    expect(preferred(['nl-NL', 'pt-PT', 'en'])).toBe('pt')
    expect(preferred(['AR-eg'])).toBe('ar')
    expect(preferred(['nl'])).toBe('en')
    expect(preferred([])).toBe('en')
    expect(preferred(['!', 'ja'])).toBe('ja')
  })

  it('are told apart by their characters: who reads traditional Chinese is not given simplified', () => {
    expect(preferred(['zh-CN'])).toBe('zh')
    expect(preferred(['zh-SG'])).toBe('zh')
    expect(preferred(['zh-TW', 'en'])).toBe('en')
    expect(localeOf('zh', ['zh-TW', 'zh-CN'])).toBe('zh-CN')
  })

  it('write numbers as the viewer’s region does, where it speaks the language', () => {
    expect(localeOf('de', ['en-US', 'de-CH'])).toBe('de-CH')
    expect(localeOf('ja', ['en-US'])).toBe('ja')
    expect(localeOf('zh', ['en-US'])).toBe('zh-Hans')
  })

  it('say what they are written in, and whence', () => {
    expect(tagOf('zh')).toBe('zh-Hans')
    expect([directionOf('ar'), directionOf('ja')]).toEqual(['rtl', 'ltr'])
    expect([isLanguage('es'), isLanguage('nl'), isLanguage(null)]).toEqual([true, false, false])
  })
})
