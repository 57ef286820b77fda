/** What a page receives, in bytes on the wire: compressed, heads included, events as they come. */

import { isBoard } from './sheet.js'

const kindOf = (url) => {
  const { pathname } = new URL(url)
  if (pathname === '/api/v1/events') return 'events'
  if (isBoard(url)) return 'board'
  return pathname.startsWith('/api/') ? 'others' : 'page'
}

/** Counts from now on; what `perSecond` tells is told since the last `begin`. */
export async function countTraffic(session) {
  const requests = new Map()
  let bytes = {}
  let begun = performance.now()
  const add = (requestId, count) => {
    const request = requests.get(requestId)
    if (!request) return
    request.bytes += count
    bytes[request.kind] = (bytes[request.kind] ?? 0) + count
  }
  session.on('Network.requestWillBeSent', ({ requestId, request }) =>
    requests.set(requestId, { kind: kindOf(request.url), bytes: 0 }),
  )
  session.on('Network.responseReceived', ({ requestId, response }) => add(requestId, response.encodedDataLength))
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength))
  // All of it, where that is more than what came in pieces.
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    add(requestId, Math.max(0, encodedDataLength - (requests.get(requestId)?.bytes ?? 0)))
    requests.delete(requestId)
  })
  await session.send('Network.enable')
  return {
    begin: () => {
      bytes = {}
      begun = performance.now()
    },
    perSecond: () => {
      const seconds = (performance.now() - begun) / 1_000
      const told = Object.entries(bytes).map(([kind, count]) => [kind, Math.round(count / seconds)])
      return { ...Object.fromEntries(told), all: told.reduce((sum, [, count]) => sum + count, 0) }
    },
  }
}
