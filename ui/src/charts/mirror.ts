/** A picture as one reads it from right to left: time and bars run the other way, and what stood left stands right. */

type Part = Record<string, unknown>

export function mirrored(option: Part): Part {
  return {
    ...option,
    grid: each(option.grid, grid),
    xAxis: each(option.xAxis, (axis) => ({ ...axis, inverse: axis.inverse !== true })),
    yAxis: each(option.yAxis, (axis) => ({ ...axis, position: axis.position === 'right' ? 'left' : 'right' })),
    series: each(option.series, series),
  }
}

/** An option is one part or a list of them. */
function each(parts: unknown, turn: (part: Part) => Part): unknown {
  if (Array.isArray(parts)) return parts.map((part: unknown) => (isPart(part) ? turn(part) : part))
  return isPart(parts) ? turn(parts) : parts
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of the two ways of ECharts 6.1 to make room for labels, the newer one squeezes some widths when time runs to the left. */
function grid({ outerBoundsMode, outerBoundsContain, ...part }: Part): Part {
  const containLabel = part.containLabel ?? (outerBoundsMode === 'same' && outerBoundsContain === 'axisLabel')
  return { ...part, left: part.right, right: part.left, containLabel }
}

function series(part: Part): Part {
  const label =
    isPart(part.label) && part.label.position === 'right' ? { label: { ...part.label, position: 'left' } } : {}
  return { ...styled(part), ...label, data: each(part.data, styled) }
}

/** Corners are told clockwise from the upper left. */
function styled(part: Part): Part {
  const style = part.itemStyle
  if (!isPart(style) || !Array.isArray(style.borderRadius)) return part
  const [upperLeft, upperRight, lowerRight, lowerLeft] = style.borderRadius as unknown[]
  return { ...part, itemStyle: { ...style, borderRadius: [upperRight, upperLeft, lowerLeft, lowerRight] } }
}
