import type { Evidence } from './Evidence.js'
import type { SaidNumber } from './saidNumbers.js'
import { unitAfter, unitOf, unitOfParameter, type Unit } from './units.js'

/** A numeric argument that the schema limits. */
export interface LimitedNumber {
  value: number
  minimum: number | undefined
  maximum: number | undefined
  /** Words of the parameter's name. */
  name: readonly string[]
  /** Words of its description. */
  description: readonly string[]
}

/**
 * Whether the user said a number that the parameter's limits forbid and that no argument of the call
 * carries, while the call's own value was not said: `150 percent` became 100. Units of time, length,
 * mass, volume and money are converted to the parameter's, so `three hours` is too much for at most 60 minutes.
 *
 * @param isCarried whether another argument of the call holds a number.
 */
export function isBentIntoRange(
  { value, minimum, maximum, name, description }: LimitedNumber,
  { last, all }: { last: Evidence; all: Evidence },
  isCarried: (number: SaidNumber) => boolean,
): boolean {
  if (minimum === undefined && maximum === undefined) return false
  const isOutside = (n: number) => (minimum !== undefined && n < minimum - 1e-9) || (maximum !== undefined && n > maximum + 1e-9)
  const unit = unitOfParameter(name, description)
  const isRate = [...name, ...description].some((word) => word === 'per' || word === 'rate')
  const converted = last.numbers.map((number) => convert(number, last, unit))
  if (converted.some((readings) => readings?.exact && readings.values.some((reading) => isNear(reading, value)))) return false
  const outside = (exact: boolean) =>
    last.numbers.some((number, i) => {
      const readings = converted[i]
      if (!readings || readings.exact !== exact || (number.vague && (!exact || isRate)) || isCarried(number)) return false
      return readings.values.every(isOutside)
    })
  return outside(true) || (!last.impliesNumber(value) && !(last.saysChange && all.impliesNumber(value)) && outside(false))
}

/** What a number is in the parameter's unit; `exact` where both units are known, undefined where they count different things. */
function convert(number: SaidNumber, { words }: Evidence, unit: Unit | undefined): { values: readonly number[]; exact: boolean } | undefined {
  const said = number.unit === undefined ? unitAfter(words, number.end) : unitOf(number.unit)
  if (!said || !unit) return { values: number.readings, exact: false }
  if (said.kind !== unit.kind) return undefined
  return { values: [(number.value * said.size) / unit.size], exact: true }
}

function isNear(a: number, b: number): boolean {
  return Math.abs(Math.abs(a) - Math.abs(b)) <= Math.max(1e-6, Math.abs(b) * 0.006)
}
