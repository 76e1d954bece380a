/**
 * Arguments that are still being written, as far as they can be told: `{"a": "re` gives
 * `{ a: 're' }`. Numbers and words that may go on are left out. Undefined before the first `{`
 * or where the text is no JSON.
 */
export function parsePartialInput(raw: string): unknown {
  let closers = ''
  let inString = false
  /** Where the text can be cut so that closing the open brackets gives JSON, and what closes them there. */
  let safe = ''
  /** Where an escape sequence begins that is half written. */
  let end = raw.length
  for (let i = 0; i < raw.length; i++) {
    const character = raw.charAt(i)
    if (inString) {
      if (character === '\\') {
        const length = raw.charAt(i + 1) === 'u' ? 6 : 2
        if (i + length > raw.length) end = i
        i += length - 1
      } else if (character === '"') inString = false
    } else if (character === '"') {
      inString = true
    } else if (character === '{' || character === '[') {
      closers = (character === '{' ? '}' : ']') + closers
    } else if (character === '}' || character === ']') {
      closers = closers.slice(1)
    } else if (character !== ',') {
      continue
    }
    // Before a comma a value is complete; behind a bracket there is none yet, or a whole one.
    if (!inString && character !== '"') safe = raw.slice(0, character === ',' ? i : i + 1) + closers
  }
  const whole = tryParse(raw + closers)
  if (whole !== undefined && !/[\w.+-]\s*$/.test(raw)) return whole
  const open = inString ? tryParse(`${raw.slice(0, end)}"${closers}`) : undefined
  return open ?? tryParse(safe)
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
