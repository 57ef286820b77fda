/** Shapes of the legend's swatches, in a box of 16 by 16: the patterns of fills and the markers of lines, by slot. */

/** Drawn over the colour; the same shapes as the charts' patterns. */
export const PATTERNS = [
  '',
  'M-2 10L10 -2M2 18L18 2M10 18L20 8',
  'M4 4h1M11 4h1M4 11h1M11 11h1M7.5 7.5h1',
  'M0 4h16M0 9h16M0 14h16',
  'M-2 6L10 18M-2 -2L18 18M6 -2L18 10',
  'M4 0v16M9 0v16M14 0v16',
  'M3 6l2-3 2 3zM10 6l2-3 2 3zM6 13l2-3 2 3z',
  'M3 3h3v3h-3zM10 3h3v3h-3zM6 10h3v3h-3z',
] as const

export const MARKERS = [
  'M8 3a5 5 0 100 10a5 5 0 100-10',
  'M3 3h10v10H3z',
  'M8 2L14 13H2z',
  'M8 1L15 8L8 15L1 8z',
  'M6 1h4v5h5v4h-5v5H6v-5H1V6h5z',
  'M8 15L3 6a5 5 0 1110 0z',
  'M8 2L13 14L8 11L3 14z',
  'M8 0l2.3 5.3 5.7.5-4.3 3.8 1.3 5.6L8 12.3l-5 2.9 1.3-5.6L0 5.8l5.7-.5z',
] as const
