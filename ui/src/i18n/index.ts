/** The page's words. One file for each language; English comes with the page, others when asked for. */

import { ref, shallowRef } from 'vue'
import { setLocale } from '../logic/format'
import { en } from './en'

export type MessageKey = keyof typeof en
export type Messages = Record<MessageKey, string>
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]
type Values = Record<string, string | number>

const messages = shallowRef<Messages>(en)
/** Also tells templates that formatted numbers and dates have to be written anew. */
export const language = ref<Language>('en')

export async function setLanguage(wanted: Language | null): Promise<void> {
  const chosen = wanted ?? (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en')
  // Better the page in English than none, should the other words not come.
  const next: Messages = chosen === 'de' ? await import('./de').then((words) => words.de, () => en) : en
  // Numbers follow the viewer's region where it speaks the language ("de-CH"), else the language.
  setLocale(navigator.languages.find((name) => name.toLowerCase().startsWith(chosen)) ?? chosen, navigator.language)
  messages.value = next
  language.value = chosen
  document.documentElement.lang = chosen
}

export function t(key: MessageKey, values: Values = {}): string {
  return fill(messages.value[key], values)
}

type Counted = { [K in MessageKey]: K extends `${infer Base}.other` ? Base : never }[MessageKey]

/** A message that depends on a number: `key.one` or `key.other`. */
export function tn(key: Counted, n: number, values: Values = {}): string {
  const form = new Intl.PluralRules(language.value).select(n) === 'one' ? 'one' : 'other'
  const forms = messages.value as Record<string, string>
  return fill(forms[`${key}.${form}`] ?? '', { n, ...values })
}

/** The values go in as text, and only once: braces in a team's name mean nothing. */
function fill(message: string, values: Values): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
