/** Answers of `/api/v1/query` that a journey makes up or changes. */

/** Whether a request asks for the leaderboard: all teams, whatever they used. */
export const isBoard = (url) => {
  const { pathname, searchParams } = new URL(url)
  return pathname === '/api/v1/query' && searchParams.get('zeros') === 'true'
}

/** Changes the rows of the leaderboard, as objects by the names of their columns. */
export async function changeBoard(page, change) {
  await page.route(isBoard, async (route) => {
    const response = await route.fetch()
    if (response.status() !== 200) return route.fulfill({ response })
    const sheet = await response.json()
    const names = sheet.columns.map(({ name }) => name)
    const rows = sheet.rows.map((cells) => Object.fromEntries(cells.map((cell, place) => [names[place], cell])))
    change(rows)
    sheet.rows = rows.map((row) => names.map((name) => row[name]))
    return route.fulfill({ response, json: sheet, headers: { 'Content-Type': 'application/json' } })
  })
}
