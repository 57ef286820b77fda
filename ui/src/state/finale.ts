/** The end of an event: its awards, and its results as files. */

import { computed, type ComputedRef } from 'vue'
import type { Caption } from '../charts/picture'
import type { Sheet } from '../api/types'
import { language, t } from '../i18n'
import { awardsOf } from '../logic/awards'
import type { Board } from '../logic/board'
import { moment } from '../logic/format'
import { lengthInDays } from '../logic/days'
import type { Ranked } from '../logic/rank'
import { MOST_DAYS, mostTeams, replayOf, type Replay } from '../logic/replay'
import { awardWords } from './awardWords'
import { saveBoardImage } from './boardImage'
import { captionOf } from './caption'
import { download } from './download'
import { sees } from './me'
import { replayUrl } from './questions'
import { useResource } from './resource'
import { days, rankedMeasure, view } from './view'

export interface Results {
  title: string
  /** When the bell rang. */
  end: number
  board: Board
  ranked: readonly Ranked[]
}

interface Finale {
  replay: ComputedRef<Replay | null>
  awards: ComputedRef<ReturnType<typeof awardWords>[]>
  /** Whether the figures that some awards are made of are still on their way. */
  isWaiting: ComputedRef<boolean>
  savePicture: () => Promise<void>
  saveReport: () => Promise<void>
}

export function useFinale(results: () => Results): Finale {
  const length = computed(() => lengthInDays(days.value.start, days.value.end))
  const isShort = computed(() => length.value <= MOST_DAYS && sees('tokens'))
  const quarters = useResource<Sheet>(() => (isShort.value ? replayUrl(mostTeams(length.value)) : null), 30_000)
  const replay = computed(() =>
    isShort.value && quarters.data && !quarters.stale ? replayOf(quarters.data, results().end) : null,
  )
  const awards = computed(() =>
    language.value ? awardsOf(results().board.teams, replay.value, view.zone).map(awardWords) : [],
  )
  const file = (kind: string): string => `podium-results-${days.value.start}-${days.value.end}.${kind}`

  function caption(): Caption {
    const { title, end, board } = results()
    const plain = captionOf(title, t(`measure.${rankedMeasure.value}`), board.meta)
    return { ...plain, subtitle: [plain.subtitle, t('present.frozen', { at: moment(end, view.zone) })].join(' · ') }
  }

  return {
    replay,
    awards,
    isWaiting: computed(() => isShort.value && quarters.loading && !quarters.data),
    savePicture: () => saveBoardImage(file('png'), results().ranked, caption(), awards.value),
    saveReport: async () => {
      const { resultsReport } = await import('./resultsReport')
      const html = resultsReport(results(), caption(), awards.value, replay.value)
      download(file('html'), new Blob([html], { type: 'text/html' }))
    },
  }
}
