/** The shape of a sparkline as SVG paths: one piece for each run of known values. */

type Point = [x: number, y: number]

export interface Spark {
  line: string
  area: string
  /** The way to the bucket that is not finished yet; drawn dotted, as it will still rise. */
  open: string
}

export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
  unfinished: boolean,
): Spark {
  const runs = runsOf(values, width, height)
  const last = runs[runs.length - 1]
  const way = unfinished && last && last.length > 1 ? last.slice(-2) : []
  const solid = way.length > 0 ? runs.map((run) => (run === last ? run.slice(0, -1) : run)) : runs
  return {
    line: solid.map((run) => `M${(run.length === 1 ? dot(run) : run).map((p) => p.join(' ')).join('L')}`).join(''),
    area: runs
      .filter((run) => run.length > 1)
      .map((run) => areaOf(run, height))
      .join(''),
    open: way.length > 0 ? `M${way.map((p) => p.join(' ')).join('L')}` : '',
  }
}

function runsOf(values: readonly (number | null)[], width: number, height: number): Point[][] {
  const highest = Math.max(0, ...values.map((value) => value ?? 0))
  const inset = 2
  const y = (value: number): number =>
    highest === 0 ? height - inset : height - inset - ((height - 2 * inset) * value) / highest
  const x = (index: number): number => (values.length < 2 ? width / 2 : (width * index) / (values.length - 1))
  const runs: Point[][] = []
  values.forEach((value, index) => {
    if (value === null) return
    const point: Point = [round(x(index)), round(y(value))]
    const begins = index === 0 || values[index - 1] === null
    if (begins) runs.push([point])
    else runs[runs.length - 1]?.push(point)
  })
  return runs
}

/** A single value between gaps would be invisible as a line without length. */
function dot(run: Point[]): Point[] {
  return run.flatMap(([px, py]): Point[] => [
    [px - 1.5, py],
    [px + 1.5, py],
  ])
}

function areaOf(run: Point[], height: number): string {
  const first = run[0]?.[0] ?? 0
  const last = run[run.length - 1]?.[0] ?? 0
  return `M${first} ${height}L${run.map((p) => p.join(' ')).join('L')}L${last} ${height}Z`
}

const round = (value: number): number => Math.round(value * 10) / 10
