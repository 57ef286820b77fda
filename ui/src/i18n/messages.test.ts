import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { de } from './de'
import { en } from './en'

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'i18n' ? [] : sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

describe('messages', () => {
  it('exist in both languages', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort())
  })

  it('are filled with the same values in both, and none is empty', () => {
    for (const [key, text] of Object.entries(en)) {
      const other = de[key as keyof typeof en]
      expect(text.trim(), key).not.toBe('')
      expect(other.trim(), key).not.toBe('')
      expect(places(other), key).toEqual(places(text))
    }
  })

  it('are all used', () => {
    const all = sources(join(import.meta.dirname, '..')).join('\n')
    const made = [...all.matchAll(/[`'"]([a-z]+)\.\$\{/g)].map((match) => match[1])
    // `about` builds its keys from a list of names, and numbers choose between one and other.
    const unused = Object.keys(en).filter((key) => {
      const base = key.replace(/\.(one|other)$/, '')
      return !all.includes(`'${key}'`) && !all.includes(`'${base}'`) && !made.includes(key.split('.')[0])
    })
    expect(unused).toEqual([])
  })
})
