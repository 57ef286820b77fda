/**
 * States that are told by what changed: JSON merge patches (RFC 7396), but that a field which is
 * taken away stays as `null`, as Podium's states have it.
 */

type Fields = Record<string, unknown>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What `state` becomes with `patch`; `state` itself is left as it is. */
export function patched<T>(state: T | null, patch: unknown): T {
  if (!isObject(patch)) return patch as T
  const fields: Fields = isObject(state) ? { ...state } : {}
  for (const [name, value] of Object.entries(patch)) fields[name] = patched(fields[name], value)
  return fields as T
}
