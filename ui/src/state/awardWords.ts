/** An award in the viewer's words: what it is for, who has it, and the figure it stands for. */

import type { PictureLine } from '../charts/boardPicture'
import { t, tn } from '../i18n'
import { LEAST_REQUESTS, type Award } from '../logic/awards'
import { count, hourText, list, percent, time, usd } from '../logic/format'
import { view } from './view'

export function awardWords(award: Award): PictureLine {
  return {
    title: t(`award.${award.kind}`),
    names: list(award.winners.map((winner) => winner.name)),
    figure: figureOf(award),
  }
}

function figureOf({ kind, value, since }: Award): string {
  switch (kind) {
    case 'tokens':
      return t('row.tokens', { n: count(value) })
    case 'price':
      return t('award.priceFigure', { price: usd(value) })
    case 'success':
      return t('award.successFigure', { rate: percent(value / 100, 2) })
    case 'climb':
      return tn('award.climbFigure', value, { time: time(since ?? 0, view.zone) })
    case 'steady':
      return t('award.steadyFigure', { share: percent(value, 0) })
    case 'night':
      return t('award.nightFigure', { n: count(value), from: hourText(22), to: hourText(6) })
  }
}

/** What one has to know to believe them. */
export function awardRules(): string {
  return t('award.rules', { n: LEAST_REQUESTS })
}
