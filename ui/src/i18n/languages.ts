/** The languages that the page speaks, and which of them a viewer is met in. */

export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ja', 'zh', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

/** As each is called by those who speak it: whoever looks for theirs may not read the others. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  ja: '日本語',
  zh: '简体中文',
  ar: 'العربية',
}

export function isLanguage(name: unknown): name is Language {
  return LANGUAGES.some((language) => language === name)
}

/** What the document says it is written in: letters of one shape or another, and the voice that reads it. */
export function tagOf(language: Language): string {
  return language === 'zh' ? 'zh-Hans' : language
}

export function directionOf(language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr'
}

/** The first of the browser's languages that the page speaks. */
export function preferred(wanted: readonly string[]): Language {
  return wanted.map(spoken).find((one) => one !== null) ?? 'en'
}

/** Numbers follow the viewer's region where it speaks the language ("de-CH"), else the language. */
export function localeOf(language: Language, wanted: readonly string[]): string {
  return wanted.find((name) => spoken(name) === language) ?? tagOf(language)
}

/** The page's language that a name of the browser's means: "pt-PT" is Portuguese, "zh-TW" has other characters. */
function spoken(name: string): Language | null {
  const known = LANGUAGES.find((language) => language === name.toLowerCase().split('-')[0])
  return known !== undefined && scriptOf(name) === scriptOf(tagOf(known)) ? known : null
}

function scriptOf(name: string): string | undefined {
  try {
    return new Intl.Locale(name).maximize().script
  } catch {
    return undefined
  }
}
