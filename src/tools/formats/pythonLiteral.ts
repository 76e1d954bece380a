/** A value of JSON as a Python literal. */
export function toPython(value: unknown): string {
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
