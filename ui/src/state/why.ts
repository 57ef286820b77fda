/** Why something changed, in the viewer's words. */

import { t } from '../i18n'
import { numberOf } from '../logic/decimal'
import { compact, signed, usd } from '../logic/format'
import { shortKey } from '../logic/keys'
import { ALL_MODELS, shortModel } from '../logic/models'
import { toldOf, type Part, type Why, type WhyMeasure, type WhySplit } from '../logic/why'

export function amountText(measure: WhyMeasure, value: number): string {
  return measure === 'spend_usd' ? usd(value) : compact(value)
}

export function byText(measure: WhyMeasure, value: number): string {
  return signed(measure === 'spend_usd' ? 'usd' : 'count', value)
}

export function partName({ id, name }: Part, split: WhySplit): string {
  if (split === 'model') return id === ALL_MODELS ? t('keys.allModels') : shortModel(id)
  if (name !== null) return name
  return id === '' ? t('why.nameless') : shortKey(id)
}

export function sentenceOf(why: Why, measure: WhyMeasure, split: WhySplit, against: string): string {
  const { kind, first, second, other } = toldOf(why)
  const by = (part: Part): string => byText(measure, numberOf(part.by))
  return t(`why.${kind}`, {
    what: t(`what.${measure}`),
    before: amountText(measure, numberOf(why.before)),
    now: amountText(measure, numberOf(why.now)),
    change: byText(measure, numberOf(why.by)),
    against,
    ...(first ? { first: partName(first, split), firstBy: by(first) } : {}),
    ...(second ? { second: partName(second, split), secondBy: by(second) } : {}),
    ...(other ? { other: partName(other, split), otherBy: by(other) } : {}),
  })
}
