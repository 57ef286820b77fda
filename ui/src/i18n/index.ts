/** The page's words. One file for each language; English comes with the page, others when asked for. */

import { ref, shallowRef } from 'vue'
import { count, setLocale } from '../logic/format'
import { en } from './en'
import { directionOf, localeOf, preferred, tagOf, type Language } from './languages'

type Key = keyof typeof en
type Counted = { [K in Key]: K extends `${infer Base}.other` ? Base : never }[Key]
export type MessageKey = Exclude<Key, `${Counted}.one`>
/** A language has the forms that its numbers need; the rules know which: Japanese one, Arabic six. */
type Forms = { [K in `${Counted}.${Exclude<Intl.LDMLPluralRule, 'other'>}`]?: string }
export type Messages = Record<MessageKey, string> & Forms
type Values = Record<string, string | number>

const WORDS: Record<Exclude<Language, 'en'>, () => Promise<Messages>> = {
  de: () => import('./de').then((words) => words.de),
  fr: () => import('./fr').then((words) => words.fr),
  es: () => import('./es').then((words) => words.es),
  pt: () => import('./pt').then((words) => words.pt),
  ja: () => import('./ja').then((words) => words.ja),
  zh: () => import('./zh').then((words) => words.zh),
  ar: () => import('./ar').then((words) => words.ar),
}

const messages = shallowRef<Messages>(en)
let plurals = new Intl.PluralRules('en')
/** Also tells templates that formatted numbers and dates have to be written anew. */
export const language = ref<Language>('en')
let asked: Language = 'en'

export async function setLanguage(wanted: Language | null): Promise<void> {
  const chosen = wanted ?? preferred(navigator.languages)
  asked = chosen
  // Better the page in English than none, should the other words not come.
  const next = chosen === 'en' ? en : await WORDS[chosen]().catch(() => null)
  // Who has chosen another one meanwhile does not want this one any more.
  if (asked !== chosen) return
  const shown = next === null ? 'en' : chosen
  messages.value = next ?? en
  setLocale(localeOf(shown, navigator.languages), navigator.language, messages.value['unit.points'])
  plurals = new Intl.PluralRules(shown)
  language.value = shown
  document.documentElement.lang = tagOf(shown)
  document.documentElement.dir = directionOf(shown)
}

export function t(key: MessageKey, values: Values = {}): string {
  return fill(messages.value[key], values)
}

/** A message that depends on a whole number: `key.one`, `key.few` and so on, as the language tells them apart. */
export function tn(key: Counted, n: number, values: Values = {}): string {
  const form = messages.value[`${key}.${plurals.select(n)}`] ?? messages.value[`${key}.other`]
  return fill(form, { n, ...values })
}

/** The values go in as text, and only once: braces in a team's name mean nothing. */
function fill(message: string, values: Values): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? count(value) : isolated(value)
  })
}

/** A Latin name in an Arabic sentence keeps its brackets and digits to itself. */
export function isolated(text: string): string {
  return directionOf(language.value) === 'rtl' && text !== '' ? `\u2068${text}\u2069` : text
}

/** Whether time and bars run from right to left. */
export function isMirrored(): boolean {
  return directionOf(language.value) === 'rtl'
}
