/** Which rows of a long list are on the screen, when one of them may be unfolded. */

export interface Layout {
  rowHeight: number
  /** The unfolded row, or -1. */
  openIndex: number
  panelHeight: number
}

/** Rows beyond each edge, so that fast scrolling and gliding show no holes. */
const SPARE = 6

export function offsetOf(index: number, layout: Layout): number {
  const unfolded = layout.openIndex >= 0 && index > layout.openIndex
  return index * layout.rowHeight + (unfolded ? layout.panelHeight : 0)
}

/** Rows from `first` up to but without `last`. */
export function visibleRows(
  top: number,
  height: number,
  rows: number,
  layout: Layout,
): { first: number; last: number } {
  const at = (y: number): number => {
    const open = layout.openIndex
    if (open < 0 || y < (open + 1) * layout.rowHeight) return Math.floor(y / layout.rowHeight)
    return Math.max(open, Math.floor((y - layout.panelHeight) / layout.rowHeight))
  }
  const first = Math.max(0, Math.min(rows, at(top)) - SPARE)
  const last = Math.min(rows, Math.max(0, at(top + height)) + 1 + SPARE)
  return { first, last: Math.max(first, last) }
}
