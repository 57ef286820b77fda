/** The leaderboard, as it is ranked, as a picture to be kept; results, with awards below them, are compared with nothing. */

import type { PictureLine } from '../charts/boardPicture'
import type { Caption } from '../charts/picture'
import { tn } from '../i18n'
import { changeOf, inColumn } from '../logic/format'
import type { Ranked } from '../logic/rank'
import { download } from './download'
import { comparing, rankedMeasure } from './view'

export async function saveBoardImage(
  file: string,
  ranked: readonly Ranked[],
  caption: Caption,
  below: readonly PictureLine[] | null = null,
): Promise<void> {
  const [{ boardPicture, MOST_ROWS }, { paintNow }] = await Promise.all([
    import('../charts/boardPicture'),
    import('../charts/paint'),
  ])
  const write = inColumn(
    rankedMeasure.value,
    ranked.map((row) => row.value),
  )
  const left = ranked.length - MOST_ROWS
  const blob = await boardPicture(
    {
      caption,
      rows: ranked,
      valueOf: (row) => write(row.value),
      ...(comparing.value && below === null ? { changeOf: changeText } : {}),
      more: left > 0 ? tn('picture.more', left) : '',
      below: below ?? [],
    },
    paintNow(),
  )
  download(file, blob)
}

function changeText({ value, previous }: Ranked): string {
  return (value !== null && previous !== null && changeOf(rankedMeasure.value, value, previous)) || ''
}
