/** Where a value stands in a text. */
export interface Span {
  start: number
  end: number
}

/** Where the values of a JSON object's own keys stand in its text. Empty for anything else. */
export function valueSpans(json: string): Map<string, Span> {
  const spans = new Map<string, Span>()
  let depth = 0
  let key: string | undefined
  let start = -1
  const close = (end: number): void => {
    if (key !== undefined && start !== -1) spans.set(key, { start, end: json.slice(0, end).trimEnd().length })
    key = undefined
    start = -1
  }
  for (let i = 0; i < json.length; i++) {
    const character = json.charAt(i)
    if (character === '"') {
      const end = stringEnd(json, i)
      if (depth === 1 && key === undefined) key = unquoted(json.slice(i, end))
      else if (depth === 1 && start === -1) start = i
      i = end - 1
    } else if (character === '{' || character === '[') {
      if (depth === 1 && start === -1) start = i
      depth++
    } else if (character === '}' || character === ']') {
      depth--
      if (depth === 0) close(i)
    } else if (depth === 1 && character === ',') close(i)
    else if (depth === 1 && start === -1 && /[^\s:]/.test(character)) start = i
  }
  return spans
}

/** Behind the closing quote of the string that begins at `start`. */
function stringEnd(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json.charAt(i) === '\\') i++
    else if (json.charAt(i) === '"') return i + 1
  }
  return json.length
}

function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}
