/** The leaderboard's answer, shared by everything that names teams or shows how far figures can be trusted. */

import { computed, effectScope, type ComputedRef } from 'vue'
import type { Activity, Board } from '../api/types'
import { narrow, narrowsFigures, NARROW_MEASURES, onlyTeams } from '../logic/narrow'
import { ranking, type Ranking } from '../logic/rank'
import { before, type Days } from '../logic/range'
import { useResource, type Resource } from './resource'
import { days, daysQuery, filtersInto, view } from './view'

interface SharedBoard {
  resource: Resource<Board>
  narrowed: Resource<Activity>
  /** All teams, with the figures that the filters leave. */
  board: ComputedRef<Board | null>
  /** Only the chosen teams. */
  listed: ComputedRef<Board | null>
  ranking: ComputedRef<Ranking | null>
  nameOf: (teamId: string) => string
  placeOf: (teamId: string) => number
}

let shared: SharedBoard | null = null

/** One for the whole page: it lives as long as the page does. */
export function useBoard(): SharedBoard {
  shared ??= effectScope(true).run(makeBoard) ?? null
  if (!shared) throw new Error('The scope of the board has ended, which nothing does.')
  return shared
}

function makeBoard(): SharedBoard {
  const narrowing = computed(() => narrowsFigures(view.filters))
  const activity = (of: Days): string => {
    const query = filtersInto(daysQuery(of), ['model', 'provider', 'api_key'])
    query.set('by', 'team')
    query.set('measures', NARROW_MEASURES)
    return `/api/v1/activity?${query}`
  }
  const resource = useResource<Board>(() => `/api/v1/leaderboard?${daysQuery()}`)
  const narrowed = useResource<Activity>(() => (narrowing.value ? activity(days.value) : null))
  const past = useResource<Activity>(() => (narrowing.value ? activity(before(days.value)) : null), 30_000)

  const board = computed(() => {
    if (!resource.data || !narrowing.value) return resource.data
    return narrowed.data ? narrow(resource.data, narrowed.data, past.data) : null
  })
  const listed = computed(() => (board.value ? onlyTeams(board.value, view.filters.team_id) : null))
  const names = computed(() => new Map(resource.data?.teams.map((team) => [team.team_id, team.name])))
  const places = computed(() => new Map(resource.data?.teams.map((team, index) => [team.team_id, index])))
  return {
    resource,
    narrowed,
    board,
    listed,
    ranking: computed(() => (listed.value ? ranking(listed.value.teams, view.measure) : null)),
    nameOf: (teamId) => names.value.get(teamId) ?? teamId,
    placeOf: (teamId) => places.value.get(teamId) ?? -1,
  }
}
