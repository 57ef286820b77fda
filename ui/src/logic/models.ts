/** Model groups have paths for names; people know the last part. */

export function shortModel(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return last === '' ? name : last
}

/** Short names for a set of models, in full where the short ones could not be told apart. */
export function modelNames(names: readonly string[]): Map<string, string> {
  const uses = new Map<string, number>()
  for (const name of names) uses.set(shortModel(name), (uses.get(shortModel(name)) ?? 0) + 1)
  return new Map(names.map((name) => [name, uses.get(shortModel(name)) === 1 ? shortModel(name) : name]))
}

/** Usage that no model group claims. */
export const ALL_MODELS = 'All Models'
