/**
 * A picture to be kept or sent: what was on the screen, with everything that is needed to read it
 * elsewhere: title, period and zone, unit, legend, source and how far the figures can be trusted.
 */

import { isMirrored } from '../i18n'
import type { LegendItem } from './content'
import { colourOf, mix, type Paint } from './paint'
import { MARKERS, PATTERNS } from './swatches'

/** Twice the size, so that it is sharp on paper and on large screens. */
export const SCALE = 2
const PAD = 28
const LINE = 22

export interface Caption {
  title: string
  /** Period, zone and what else was chosen. */
  subtitle: string
  unit: string
  /** Where the figures come from and how far they can be trusted. */
  source: string
}

export interface Canvas {
  canvas: HTMLCanvasElement
  context: CanvasRenderingContext2D
  width: number
}

/** An empty picture of the theme's ground; sizes are those of the screen. */
export function blank(width: number, height: number, paint: Paint): Canvas {
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * SCALE)
  canvas.height = Math.round(height * SCALE)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser draws no pictures.')
  context.scale(SCALE, SCALE)
  context.fillStyle = paint.surface
  context.fillRect(0, 0, width, height)
  context.textBaseline = 'alphabetic'
  context.direction = isMirrored() ? 'rtl' : 'ltr'
  return { canvas, context, width }
}

/** Where something that begins at `x` of a width begins, if one reads from the right; `size` is its own. */
export function across(x: number, width: number, size = 0): number {
  return isMirrored() ? width + 2 * PAD - x - size : x
}

export function font(paint: Paint, weight: number, size: number): string {
  return `${weight} ${size}px ${paint.font}`
}

/** The words of a text in lines of at most so many pixels; a word that is too long is broken. */
export function wrap(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (context.measureText(longer).width <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = ''
    for (const letter of word) {
      if (context.measureText(line + letter).width > width && line !== '') {
        lines.push(line)
        line = ''
      }
      line += letter
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** A text that fits, ended by dots where it has to be. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  const letters = [...text]
  while (letters.length > 1 && context.measureText(`${letters.join('')}…`).width > width) letters.pop()
  return `${letters.join('')}…`
}

interface Place {
  item: LegendItem
  x: number
  y: number
}

function placeLegend(context: CanvasRenderingContext2D, items: readonly LegendItem[], width: number): Place[] {
  let [x, y] = [0, 0]
  return items.map((item) => {
    const needed = 24 + context.measureText(item.name).width + 18
    if (x > 0 && x + needed > width) [x, y] = [0, y + LINE]
    const place = { item, x, y }
    x += needed
    return place
  })
}

/** A chart with its caption and legend. `chart` is its picture at `SCALE`. */
export async function chartPicture(
  chart: string,
  caption: Caption,
  legend: readonly LegendItem[],
  paint: Paint,
  lines = false,
): Promise<Blob> {
  const image = await loaded(chart)
  const inner = image.width / SCALE
  const measure = blank(1, 1, paint).context
  measure.font = font(paint, 500, 14)
  const places = placeLegend(measure, legend, inner)
  const legendHeight = places.length === 0 ? 0 : (places.at(-1)?.y ?? 0) + LINE + 10
  const head = headHeight(measure, caption, inner, paint)
  const foot = footHeight(measure, caption, inner, paint)
  const height = PAD * 2 + head + image.height / SCALE + legendHeight + foot
  const { canvas, context } = blank(inner + PAD * 2, height, paint)
  drawHead(context, caption, inner, paint)
  let y = PAD + head
  context.drawImage(image, PAD, y, inner, image.height / SCALE)
  y += image.height / SCALE + 12
  context.font = font(paint, 500, 14)
  for (const { item, x, y: below } of places) drawKey(context, item, PAD + x, y + below, inner, paint, lines)
  drawFoot(context, caption, inner, height, paint)
  return blobOf(canvas)
}

/** The swatch that the legend on the screen has, and the name. */
function drawKey(
  context: CanvasRenderingContext2D,
  item: LegendItem,
  x: number,
  y: number,
  width: number,
  paint: Paint,
  lines: boolean,
): void {
  context.save()
  context.translate(across(x, width, 16), y)
  context.fillStyle = colourOf(item.slot, paint)
  if (lines) context.fill(new Path2D(MARKERS[item.slot] ?? MARKERS[0]))
  else {
    context.beginPath()
    context.roundRect(0, 0, 16, 16, 4)
    context.fill()
    context.clip()
    context.strokeStyle = mix(paint.surface, 0.6)
    context.lineWidth = 1.5
    if (paint.patterns) context.stroke(new Path2D(PATTERNS[item.slot] ?? ''))
  }
  context.restore()
  context.fillStyle = paint.ink
  context.fillText(item.name, across(x + 24, width), y + 13)
}

export function headHeight(context: CanvasRenderingContext2D, caption: Caption, width: number, paint: Paint): number {
  context.font = font(paint, 800, 24)
  const titles = wrap(context, caption.title, width).length
  context.font = font(paint, 450, 14)
  return titles * 30 + wrap(context, subtitleOf(caption), width).length * 20 + 14
}

function subtitleOf(caption: Caption): string {
  return caption.unit === '' ? caption.subtitle : `${caption.subtitle} · ${caption.unit}`
}

export function drawHead(context: CanvasRenderingContext2D, caption: Caption, width: number, paint: Paint): void {
  let y = PAD
  context.fillStyle = paint.ink
  context.font = font(paint, 800, 24)
  for (const line of wrap(context, caption.title, width)) {
    y += 30
    context.fillText(line, across(PAD, width), y - 8)
  }
  context.fillStyle = paint.muted
  context.font = font(paint, 450, 14)
  for (const line of wrap(context, subtitleOf(caption), width)) {
    y += 20
    context.fillText(line, across(PAD, width), y - 4)
  }
}

export function footHeight(context: CanvasRenderingContext2D, caption: Caption, width: number, paint: Paint): number {
  context.font = font(paint, 450, 12)
  return wrap(context, caption.source, width).length * 18 + 12
}

export function drawFoot(
  context: CanvasRenderingContext2D,
  caption: Caption,
  width: number,
  height: number,
  paint: Paint,
): void {
  context.font = font(paint, 450, 12)
  context.fillStyle = paint.muted
  const lines = wrap(context, caption.source, width)
  lines.forEach((line, index) =>
    context.fillText(line, across(PAD, width), height - PAD - (lines.length - 1 - index) * 18),
  )
}

export const MARGIN = PAD

function loaded(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => resolve(image)
    image.onerror = () => reject(new Error('The chart could not be drawn.'))
    image.src = url
  })
}

export function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))), 'image/png'),
  )
}
