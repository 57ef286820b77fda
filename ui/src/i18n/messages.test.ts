import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Messages } from '.'
import { ar } from './ar'
import { de } from './de'
import { en } from './en'
import { es } from './es'
import { fr } from './fr'
import { ja } from './ja'
import { LANGUAGES, type Language } from './languages'
import { pt } from './pt'
import { zh } from './zh'

const all: Record<Language, Record<string, string>> = { en, de, fr, es, pt, ja, zh, ar } satisfies Record<
  Language,
  Messages
>
const FORM = /\.(zero|one|two|few|many|other)$/
const base = (key: string): string => key.replace(FORM, '')
const isCounted = (key: string): boolean => FORM.test(key) && `${base(key)}.other` in en
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

/** The forms that teams and places take; nobody counts a million of them. */
function formsOf(language: Language): string[] {
  const rules = new Intl.PluralRules(language)
  return [...new Set(Array.from({ length: 1_001 }, (_, n) => rules.select(n)))]
}

/** What a language must have: every plain message, and every counted one in each of its forms. */
function wanted(language: Language): string[] {
  const counted = new Set(Object.keys(en).filter(isCounted).map(base))
  const forms = [...counted].flatMap((key) => formsOf(language).map((form) => `${key}.${form}`))
  return [...Object.keys(en).filter((key) => !isCounted(key)), ...forms].sort()
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'i18n' ? [] : sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

describe.each(LANGUAGES)('messages in %s', (language) => {
  const messages = all[language]

  it('are all there, in the forms that its numbers need, and none too many', () => {
    expect(Object.keys(messages).sort()).toEqual(wanted(language))
  })

  it('are filled with the same values as in English, and none is empty', () => {
    for (const [key, text] of Object.entries(messages)) {
      const own = (en as Record<string, string>)[isCounted(key) ? `${base(key)}.other` : key] ?? ''
      expect(text.trim(), key).not.toBe('')
      // One and two may be words: "a team", "two teams".
      const form = FORM.exec(key)?.[1] ?? ''
      const isWord = isCounted(key) && ['zero', 'one', 'two'].includes(form)
      const spoken = (names: string[]): string[] => (isWord ? names.filter((name) => name !== 'n') : names)
      expect(spoken(places(text)), key).toEqual(spoken(places(own)))
    }
  })
})

describe('messages', () => {
  it('are all used', () => {
    const code = sources(join(import.meta.dirname, '..')).join('\n')
    const made = [...code.matchAll(/[`'"]([a-z]+)\.\$\{/g)].map((match) => match[1])
    // `about` builds its keys from a list of names, and numbers choose between one and other.
    const unused = Object.keys(en).filter(
      (key) => !code.includes(`'${key}'`) && !code.includes(`'${base(key)}'`) && !made.includes(key.split('.')[0]),
    )
    expect(unused).toEqual([])
  })

  it('tell Arabic numbers apart in six forms, Japanese ones in one', () => {
    expect(formsOf('ar').sort()).toEqual(['few', 'many', 'one', 'other', 'two', 'zero'])
    expect(formsOf('ja')).toEqual(['other'])
    expect(ar['waiting.title.two']).not.toContain('{n}')
  })
})
