/** What every chart is made of: the picture, the same figures as a table, and its words. */

import type { Table } from '../logic/csv'
import type { FilterName } from '../logic/link'

/** Longer legends end with how many more there are. */
export const LEGEND_ITEMS = 9

export interface LegendItem {
  id: string
  name: string
  slot: number
}

export interface ChartContent {
  option: Record<string, unknown>
  table: Table
  legend: LegendItem[]
  /** For those who do not see the picture. */
  summary: string
  height?: number
  /** What a click on a part of the picture filters by. */
  pick?: (seriesIndex: number, dataIndex: number) => { name: FilterName; value: string } | null
  /** What the legend's names filter by. */
  legendFilter?: FilterName
}

export interface TipLine {
  colour?: string
  name: string
  value: string
}

/**
 * A tooltip as elements: names come from people and are never markup, and the policy of the page
 * allows no style in markup either.
 */
export function tip(title: string, lines: readonly TipLine[], note = ''): HTMLElement {
  const box = document.createElement('div')
  box.className = 'chart-tip'
  const add = (parent: HTMLElement, tag: string, text: string, className = ''): HTMLElement => {
    const element = document.createElement(tag)
    element.textContent = text
    if (className) element.className = className
    parent.append(element)
    return element
  }
  add(box, 'strong', title).dir = 'auto'
  for (const { colour, name, value } of lines) {
    const line = add(box, 'div', '', 'chart-tip-line')
    const dot = add(line, 'i', '')
    if (colour) dot.style.background = colour
    add(line, 'span', name).dir = 'auto'
    add(line, 'b', value)
  }
  if (note) add(box, 'em', note)
  return box
}
