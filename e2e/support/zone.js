/** Zones for tests that are about a running day: at midnight it has nothing yet. */

/** A zone in which it is 22 o'clock and some minutes, whenever that is asked. */
export function lateZone() {
  const wanted = 22 - new Date().getUTCHours()
  const ahead = wanted > 14 ? wanted - 24 : wanted
  // East of Greenwich is behind a minus in these names.
  return `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`
}

/** So many days before today, there. */
export function dayIn(zone, ago) {
  return new Date(Date.now() - ago * 86_400_000).toLocaleDateString('sv-SE', { timeZone: zone })
}
