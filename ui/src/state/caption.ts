/** What is written around a picture that leaves the page. */

import type { Caption } from '../charts/picture'
import type { Meta } from '../api/types'
import { t } from '../i18n'
import { daysText, moment } from '../logic/format'
import { FILTERS } from '../logic/link'
import { shortModel } from '../logic/models'
import { useBoard } from './board'
import { days, view } from './view'

export function captionOf(title: string, unit: string, meta: Meta | null): Caption {
  return {
    title,
    unit,
    subtitle: [`${daysText(days.value.start, days.value.end)} (${view.zone})`, ...filters()].join(' · '),
    source: [`Podium, ${window.location.host}`, ...stateOf(meta)].join(' · '),
  }
}

function filters(): string[] {
  const { nameOf } = useBoard()
  return FILTERS.flatMap((name) => {
    const values = view.filters[name]
    const names = values.map((value) => (name === 'team_id' ? nameOf(value) : shortModel(value)))
    return values.length === 0 ? [] : [`${t(`filter.${name}`)}: ${names.join(', ')}`]
  })
}

function stateOf(meta: Meta | null): string[] {
  if (!meta) return []
  const asOf = meta.as_of ? [t('picture.asOf', { asOf: moment(meta.as_of, view.zone) })] : []
  return [...asOf, meta.complete ? t('picture.complete') : t('picture.doubt', { n: meta.incomplete_days.length })]
}
