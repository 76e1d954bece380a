import type { Target } from './types.js'

/**
 * Source of a function that runs in the page: the first visible element with this role and accessible name.
 * Covers the ways this project names things (aria-label, aria-labelledby, label, alt, content), not the whole standard.
 */
const finder = `(role, name, flags) => {
  const selectors = {
    textbox: 'input:not([type]), input[type=text], textarea, [role=textbox]',
    button: 'button, [role=button]',
    img: 'img, [role=img]',
    status: 'output, [role=status]',
    alert: '[role=alert]',
  }
  const nameOf = (element) => {
    const labelledBy = element.getAttribute('aria-labelledby')
    const text = element.getAttribute('aria-label')
      ?? (labelledBy && labelledBy.split(/\\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' '))
      ?? (element.labels?.length ? Array.from(element.labels, (label) => label.textContent).join(' ') : undefined)
      ?? element.getAttribute('alt')
      ?? element.textContent
    return (text ?? '').replace(/\\s+/g, ' ').trim()
  }
  const matches = (text) => name === null || (flags === null ? text === name : new RegExp(name, flags).test(text))
  for (const element of document.querySelectorAll(selectors[role])) {
    const text = nameOf(element)
    if (matches(text) && element.getClientRects().length > 0) return { element, text }
  }
  return null
}`

/** A JavaScript expression for the element, or null; `.text` of the result is its name. */
export function findExpression({ role, name }: Target): string {
  const source = name instanceof RegExp ? name.source : (name ?? null)
  const flags = name instanceof RegExp ? name.flags : null
  return `(${finder})(${JSON.stringify(role)}, ${JSON.stringify(source)}, ${JSON.stringify(flags)})`
}

/** The target in words, for messages. */
export function describeTarget({ role, name }: Target): string {
  return name === undefined ? role : `${role} ${name instanceof RegExp ? String(name) : `“${name}”`}`
}
