/** Sums of decimals without a rounding error: a number as the digits that it is written with. */

export interface Decimal {
  /** The value times ten to the power of `scale`. */
  units: bigint
  scale: number
}

export const ZERO: Decimal = { units: 0n, scale: 0 }

/** Every digit of a number as JSON writes it, `1e-7` included. */
export function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  const units = BigInt(whole + fraction)
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale }
}

function unitsAt(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale)
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale }
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, scale: b.scale })
}

export function sum(values: readonly Decimal[]): Decimal {
  return values.reduce(plus, ZERO)
}

export function isSame(a: Decimal, b: Decimal): boolean {
  return minus(a, b).units === 0n
}

/** In digits, with a point. */
export function textOf({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The nearest number, for pictures and for words. */
export function numberOf(value: Decimal): number {
  return Number(textOf(value))
}
