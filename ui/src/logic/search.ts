/** Search by terms separated by commas: a name matches if it contains any of them. */

export function terms(search: string): string[] {
  return search
    .split(',')
    .map((term) => fold(term.trim()))
    .filter((term) => term !== '')
}

export function matches(name: string, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true
  const folded = fold(name)
  return wanted.some((term) => folded.includes(term))
}

/** Case and accents do not count: who types "muenster" rarely thinks of them, "munster" finds "Münster". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
