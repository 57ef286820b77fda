/** Answers of `/api/v1/query` that a journey makes up or changes. */

const isQuery = (url, asked) => {
  const { pathname, searchParams } = new URL(url)
  return (
    pathname === '/api/v1/query' && Object.entries(asked).every(([name, value]) => searchParams.get(name) === value)
  )
}

/** Whether a request asks for the leaderboard: all teams, whatever they used. */
export const isBoard = (url) => isQuery(url, { zeros: 'true', grain: 'total' })
/** Everybody by quarter hours. */
export const isQuarters = (url) => isQuery(url, { grain: '15m', by: 'team' })
/** Everybody's days and hours so far, of which the best and those in a row are told. */
export const isPastDays = (url) => isQuery(url, { grain: '1d', by: 'team', limit: '60' })
export const isPastHours = (url) => isQuery(url, { grain: '1h', by: 'team', limit: '60' })

/** Changes the rows of answers, as objects by the names of their columns; `change` is given the answer as well. */
export async function changeSheet(page, which, change) {
  await page.route(which, async (route) => {
    const response = await route.fetch()
    if (response.status() !== 200) return route.fulfill({ response })
    const sheet = await response.json()
    const names = sheet.columns.map(({ name }) => name)
    const rows = sheet.rows.map((cells) => Object.fromEntries(cells.map((cell, place) => [names[place], cell])))
    change(rows, sheet)
    sheet.rows = rows.map((row) => names.map((name) => row[name]))
    return route.fulfill({ response, json: sheet, headers: { 'Content-Type': 'application/json' } })
  })
}

/** Changes the rows of the leaderboard. */
export async function changeBoard(page, change) {
  await changeSheet(page, isBoard, change)
}
