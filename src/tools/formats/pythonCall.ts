const identifier = /^[\p{L}_][\p{L}\p{N}_]*$/u

/** A call in Python. Arguments whose names Python could not read are spread from a dict. */
export function renderPythonCall({ name, input }: { name: string; input: unknown }): string {
  const entries = Object.entries(input as object).filter(([, value]) => value !== undefined)
  const named = entries.filter(([key]) => identifier.test(key)).map(([key, value]) => `${key}=${toPython(value)}`)
  const others = entries.filter(([key]) => !identifier.test(key))
  return `${name}(${[...named, ...(others.length > 0 ? [`**${toPython(Object.fromEntries(others))}`] : [])].join(', ')})`
}

/** A value of JSON as a Python literal. */
function toPython(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toPython(item)).join(', ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${toPython(item)}`).join(', ')}}`
  }
  // Python reads every escape that JSON writes.
  return JSON.stringify(value)
}
