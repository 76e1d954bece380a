/** JSON with a space after `:` and `,` as Python writes it, hence as models were trained on it. */
export function toSpacedJSON(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toSpacedJSON(item)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${toSpacedJSON(item)}`).join(', ')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
