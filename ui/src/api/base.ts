/** Where Podium is served: at the root of its host, or below a path that the server writes into the page. */

/** The path without a slash at its end; empty for the root. */
export const BASE = typeof document === 'undefined' ? '' : baseOf(document.querySelector('base')?.getAttribute('href'))

export function baseOf(href: string | null | undefined): string {
  return (href ?? '').replace(/\/+$/, '')
}

/** The address of a path of Podium's. */
export function at(path: string): string {
  return BASE + path
}

/** The path of Podium's that an address leads to. */
export function within(address: string, base = BASE): string {
  return address.startsWith(`${base}/`) || address === base ? address.slice(base.length) || '/' : address
}
