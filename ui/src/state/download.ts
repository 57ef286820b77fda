/** Gives the viewer a file. */
export function download(name: string, content: Blob | string): void {
  const url = typeof content === 'string' ? content : URL.createObjectURL(content)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  if (typeof content !== 'string') setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
