/** A demo that is open to all, seen as if it were not: who looks, and what is hidden, made up at the page's door. */

/** An answer of `/api/v1/me`. */
export function person(role, { may_see: may = {}, ...more } = {}) {
  const own = { anybody: 'nothing', self: 'keys', team: 'teams', viewer: 'everything', admin: 'everything' }[role]
  return {
    mode: 'board',
    role,
    signed_in: role !== 'anybody',
    how: role === 'anybody' ? 'none' : 'key',
    name: role === 'anybody' ? null : `${role}-key`,
    teams: [],
    expires_at: role === 'anybody' ? null : '2030-01-01T12:00:00Z',
    may_see: { own, others: ['name', 'rank', 'tokens'], keys_masked: role !== 'admin', people_floor: 3, ...may },
    sign_in: { key: true, single_sign_on: null },
    ...more,
  }
}

const json = (body, status = 200, headers = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** The sums that are told of others where so much is. */
function hiddenFrom({ may_see: may }) {
  const spend = may.others.includes('spend') ? [] : ['spend_usd', 'usd_per_1k_tokens', 'usd_per_million_tokens']
  const use = ['tokens', 'requests', 'successful_requests', 'failed_requests']
  return may.own === 'everything' ? [] : may.others.includes('tokens') ? spend : [...use, ...spend]
}

/** The leaderboard as somebody sees it, by the contract of `/api/v1/query`. */
function hide(sheet, me) {
  const hidden = hiddenFrom(me)
  const at = (name) => sheet.columns.findIndex((column) => column.name === name)
  const own = new Set(me.teams.map((team) => team.team_id))
  const byTokens = sheet.rows.map((row) => row[at('tokens')]).sort((a, b) => b - a)
  const onlyRanks = !me.may_see.others.includes('tokens') && me.may_see.own !== 'everything'
  const rows = sheet.rows.map((row) => {
    const ranked = onlyRanks ? [...row, 1 + byTokens.indexOf(row[at('tokens')])] : row
    if (own.has(row[at('team_id')])) return ranked
    return ranked.map((cell, place) => {
      const name = sheet.columns[place]?.name.replace(/^previous_/, '')
      return hidden.includes(name) ? null : cell
    })
  })
  const nulls = (totals) =>
    Object.fromEntries(Object.entries(totals).map(([name, sum]) => [name, hidden.includes(name) ? null : sum]))
  const rank = { name: 'rank', kind: 'measure', type: 'integer', unit: null }
  return {
    ...sheet,
    columns: onlyRanks ? [...sheet.columns, rank] : sheet.columns,
    rows,
    totals: nulls(sheet.totals),
    compare: sheet.compare && { ...sheet.compare, totals: nulls(sheet.compare.totals) },
    meta: { ...sheet.meta, scope: { reach: 'all', hidden } },
  }
}

/**
 * Puts a door before the demo. `people` are by the keys that they sign in with; `answers` are made up by
 * method and path. Returns who looks, which may be changed, and what was asked.
 */
export async function shut(
  page,
  { mode = 'board', nobody = person('anybody'), looks, people = {}, answers = {} } = {},
) {
  const door = { me: { ...(looks ?? nobody), mode }, asked: [] }
  await page.route(
    (url) => !/^\/(api|assets)\//.test(url.pathname),
    async (route) => {
      const response = await route.fetch()
      const body = (await response.text()).replace('</head>', `<meta name="podium-access" content="${mode}"></head>`)
      await route.fulfill({ response, body })
    },
  )
  await page.route(/\/api\/v1\//, async (route) => {
    const request = route.request()
    const { pathname, searchParams } = new URL(request.url())
    door.asked.push(pathname)
    const made = answers[`${request.method()} ${pathname}`]
    if (made) return route.fulfill(json(...made(request)))
    if (pathname === '/api/v1/me') return route.fulfill(json(door.me))
    if (pathname === '/api/v1/sign-in') {
      const known = people[request.postDataJSON().key]
      if (!known) return route.fulfill(json({ detail: 'The gateway does not know this key.' }, 401))
      door.me = { ...known, mode }
      return route.fulfill(json(door.me))
    }
    if (pathname === '/api/v1/sign-out') {
      door.me = { ...nobody, mode }
      return route.fulfill(json({ location: null }))
    }
    const isBoard = searchParams.get('by') === 'team' && searchParams.get('grain') === 'total'
    if (
      door.me.role === 'anybody' &&
      (mode === 'private' || (pathname === '/api/v1/query' && searchParams.get('by') !== 'team'))
    )
      return route.fulfill(json({ detail: 'Sign in to see this.' }, 401))
    if (pathname !== '/api/v1/query' || !isBoard) return route.continue()
    const response = await route.fetch({ headers: { ...request.headers(), 'a-im': '', 'if-none-match': '' } })
    return route.fulfill(json(hide(await response.json(), door.me)))
  })
  return door
}
