/** The address that a phone in the room opens: the same days and ranks, and the viewer's own team. */

import { plainView, writeView, type View } from './link'

/** Asks for one's own team, and goes there. */
export const MINE = 'mine'
export const CHOOSE = 'choose'

/** `root` is the page's own address, with the path under which it is served. */
export function roomAddress(root: string, { range, zone, measure, score, goal, unlisted }: View): string {
  const query = writeView({ ...plainView(zone, measure), range, score, goal, unlisted })
  query.set(MINE, CHOOSE)
  return `${root}?${query}`
}

/** Whether an address means the device itself, so that no other can follow it. */
export function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
