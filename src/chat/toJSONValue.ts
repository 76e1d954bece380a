/**
 * `value` as JSON gives it back; `undefined` becomes `null`.
 * @throws TypeError for what JSON would lose: BigInt, functions, symbols, maps, sets, cycles.
 */
export function toJSONValue(value: unknown): unknown {
  const text = JSON.stringify(value ?? null, (key, item: unknown) => {
    const lost = typeof item === 'function' || typeof item === 'symbol' || typeof item === 'bigint'
    if (!lost && !(item instanceof Map) && !(item instanceof Set)) return item
    const kind = lost ? typeof item : item instanceof Map ? 'Map' : 'Set'
    throw new TypeError(`${key === '' ? 'the result' : `"${key}"`} is a ${kind}`)
  })
  return JSON.parse(text)
}
