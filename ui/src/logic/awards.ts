/**
 * What teams can be proud of besides their rank. Each award stands for one figure and is won by who
 * has the best of it; who has the same shares it. One without enough data is not given.
 */

import type { BoardTeam } from './board'
import { ranking, valueBy } from './rank'
import { teamsAt, type Replay } from './replay'

export const AWARDS = ['tokens', 'price', 'success', 'climb', 'steady', 'night'] as const

export interface Winner {
  id: string
  name: string
}

export interface Award {
  kind: (typeof AWARDS)[number]
  winners: Winner[]
  /** Tokens, USD per million tokens, percent, places, or a share: as the kind has it. */
  value: number
  /** For a climb, since when. */
  since?: number
}

/** Rates of fewer requests say more of luck than of a team. */
export const LEAST_REQUESTS = 20
/** The share of the tokens whose hour has to be known for awards that go by hours. */
const SURE = 0.99
/** Of fewer quarter hours nobody is steady. */
const LEAST_QUARTERS = 8
/** Who is further off the own mean is not steady, even if nobody is steadier. */
const MOST_UNEVEN = 0.6

/** `replay` ends with the event; `null` where quarter hours are not to be had. */
export function awardsOf(teams: readonly BoardTeam[], replay: Replay | null, zone: string): Award[] {
  const listed = teams.filter((team) => !team.deleted)
  const known = replay && isKnown(replay) ? replay : null
  return [
    best('tokens', listed, (team) => valueBy(team, 'tokens'), 1),
    best('price', listed, priceOf, -1),
    best('success', listed, (team) => (hasEnough(team) ? valueBy(team, 'success_rate') : null), 1),
    known && climb(listed, known),
    known && best('steady', listed, (team) => (hasEnough(team) ? unevenness(known, team.team_id) : null), -1),
    known && best('night', listed, tokensAtNight(known, zone), 1),
  ].flatMap((award) => award ?? [])
}

/** One who is alone has nobody to be better than. */
const LEAST_TEAMS = 2

function best(
  kind: Award['kind'],
  teams: readonly BoardTeam[],
  figure: (team: BoardTeam) => number | null,
  sign: 1 | -1,
): Award | null {
  const figures = teams.flatMap((team) => {
    const value = figure(team)
    return value === null ? [] : [{ team, value }]
  })
  if (figures.length < LEAST_TEAMS) return null
  const value = sign * Math.max(...figures.map((one) => sign * one.value))
  const winners = figures
    .filter((one) => one.value === value)
    .map(({ team }) => ({ id: team.team_id, name: team.name }))
  // What everybody has distinguishes nobody.
  return winners.length < figures.length ? { kind, winners, value } : null
}

function hasEnough(team: BoardTeam): boolean {
  return (team.requests ?? 0) >= LEAST_REQUESTS
}

/** USD per million tokens; none where nothing was charged, which is rather a price that nobody set. */
function priceOf(team: BoardTeam): number | null {
  const price = hasEnough(team) ? valueBy(team, 'usd_per_1k_tokens') : null
  return price !== null && price > 0 ? 1_000 * price : null
}

function isKnown(replay: Replay): boolean {
  const total = replay.quarters.reduce((sum, quarter) => sum + quarter.tokens, 0)
  return total > 0 && replay.adrift <= (1 - SURE) * total && replay.quarters.every((quarter) => quarter.known >= SURE)
}

/** Places gained in the second half of the event, which begins when the first one used something. */
function climb(teams: readonly BoardTeam[], replay: Replay): Award | null {
  const first = replay.quarters.find((quarter) => quarter.tokens > 0)?.start ?? replay.start
  const quarters = replay.quarters.filter((quarter) => quarter.start >= first)
  const since = quarters[Math.floor(quarters.length / 2)]?.start ?? replay.end
  const ranks = (at: number): Map<string, number> =>
    new Map(ranking(teamsAt(replay, at), 'tokens').ranked.map((row) => [row.team.team_id, row.rank]))
  const [then, now] = [ranks(since), ranks(replay.end)]
  const rise = ({ team_id: id }: BoardTeam): number | null => {
    const [was, is] = [then.get(id), now.get(id)]
    return was === undefined || is === undefined ? null : was - is
  }
  const award = best('climb', teams, rise, 1)
  return award && award.value > 0 ? { ...award, since } : null
}

function quartersOf(replay: Replay, teamId: string): number[] {
  const sums = replay.courses.find((course) => course.id === teamId)?.sums.tokens
  return replay.quarters.map((_, place) => (sums?.[place + 1] ?? 0) - (sums?.[place] ?? 0))
}

/** By how much a quarter hour differs from the mean on average, as a share of it, from the team's first to the end. */
function unevenness(replay: Replay, teamId: string): number | null {
  const all = quartersOf(replay, teamId)
  const values = all.slice(
    Math.max(
      0,
      all.findIndex((value) => value > 0),
    ),
  )
  if (values.length < LEAST_QUARTERS) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (mean === 0) return null
  const off = values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length / mean
  return off <= MOST_UNEVEN ? off : null
}

/** From ten in the evening to six in the morning, by the clock of the zone. */
function tokensAtNight(replay: Replay, zone: string): (team: BoardTeam) => number | null {
  const clock = new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' })
  const isNight = replay.quarters.map(({ start }) => {
    const hour = Number(clock.format(start))
    return hour >= 22 || hour < 6
  })
  return ({ team_id: id }) => {
    const sum = quartersOf(replay, id).reduce((all, tokens, place) => all + (isNight[place] ? tokens : 0), 0)
    return sum > 0 ? sum : null
  }
}
