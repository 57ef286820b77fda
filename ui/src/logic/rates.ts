/** Success rates, where help is needed first, and those that have no room as one. */

import type { BoardTeam } from './board'
import { valueBy } from './rank'

export interface Rate {
  id: string
  name: string
  requests: number
  failed: number
  succeeded: number
  /** 0 to 100. */
  rate: number
}

/** Of the teams that made requests: the lowest rates first, and of the same those with more failures. */
export function worstFirst(teams: readonly BoardTeam[]): Rate[] {
  const rates = teams.flatMap((team): Rate[] => {
    const rate = valueBy(team, 'success_rate')
    const { team_id: id, name, requests, failed_requests: failed, successful_requests: succeeded } = team
    // What is not shown has no rate either.
    if (rate === null || requests === null || failed === null || succeeded === null) return []
    return [{ id, name, requests, failed, succeeded, rate }]
  })
  return rates.sort((a, b) => a.rate - b.rate || b.failed - a.failed)
}

/** So many as they are, and the others as one by the requests of all of them; one more than that is told. */
export function headAndRest(rates: readonly Rate[], most: number, nameOf: (n: number) => string): Rate[] {
  if (rates.length <= most + 1) return [...rates]
  const rest = rates.slice(most)
  const sum = (of: 'requests' | 'failed' | 'succeeded'): number => rest.reduce((all, one) => all + one[of], 0)
  const [requests, failed, succeeded] = [sum('requests'), sum('failed'), sum('succeeded')]
  const rate = (100 * succeeded) / requests
  return [...rates.slice(0, most), { id: '', name: nameOf(rest.length), requests, failed, succeeded, rate }]
}
