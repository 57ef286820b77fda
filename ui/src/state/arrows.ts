/** Which way an arrow leads where time goes as one reads: 1 on, -1 back, 0 for any other key. */
export function wayOf(key: string): 1 | -1 | 0 {
  if (key !== 'ArrowRight' && key !== 'ArrowLeft') return 0
  return (key === 'ArrowRight') === (document.documentElement.dir !== 'rtl') ? 1 : -1
}
