/** Where one wanted to go before signing in: only ever a path within the page. */

/** Whatever the address says is somebody's text, and no reason to leave the page. */
export function returnPath(to: string | null, isPage: (path: string) => boolean): string {
  const plain = '/'
  if (!to?.startsWith('/')) return plain
  const here = 'http://here.invalid'
  try {
    // As browsers read it: slashes that lean the other way, tabs and line breaks included.
    const url = new URL(to, here)
    if (url.origin !== here || url.pathname.startsWith('//') || !isPage(url.pathname)) return plain
    return url.pathname + url.search + url.hash
  } catch {
    return plain
  }
}
