/**
 * Collects the rules of one grammar in xgrammar's EBNF. Rules with equal bodies are stored once:
 * what a grammar costs to compile grows with its rules.
 */
export class RuleBook {
  readonly #bodies = new Map<string, string>()
  readonly #names = new Map<string, string>()

  /** Makes `body` a rule, named after `hint`, and returns its name. */
  add(hint: string, body: string): string {
    const known = this.#names.get(body)
    if (known !== undefined) return known
    const name = this.reserve(hint)
    this.fill(name, body)
    this.#names.set(body, name)
    return name
  }

  /** A name whose body is not known yet, for rules that contain themselves. */
  reserve(hint: string): string {
    const name = `${hint}_${this.#bodies.size}`
    this.#bodies.set(name, '')
    return name
  }

  /** Gives a reserved name its body. */
  fill(name: string, body: string): void {
    this.#bodies.set(name, body)
  }

  /** The whole grammar, which matches `root`. */
  toText(root: string): string {
    return [`root ::= ${root}`, ...[...this.#bodies].map(([name, body]) => `${name} ::= ${body}`)].join('\n')
  }
}

/** The empty text. */
export const nothing = '""'

/** Exactly `text`. */
export function literal(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return `"${escaped}"`
}

/** One of several expressions. */
export function choice(options: readonly string[]): string {
  const different = [...new Set(options)]
  return different.length === 1 ? different[0]! : `(${different.join(' | ')})`
}

/** Expressions one after the other. */
export function sequence(parts: readonly string[]): string {
  const present = parts.filter((part) => part !== nothing)
  return present.length === 0 ? nothing : present.join(' ')
}

/** Repetitions are written out state by state when compiled; above this a bound is left to validation. */
export const MAX_REPEAT = 16

/**
 * `expression` at least `min` and at most `max` times (undefined: any number). Large bounds are
 * loosened, and so are those that contradict each other.
 */
export function repeat(expression: string, min: number, max: number | undefined): string {
  const least = Math.min(Math.max(Math.floor(min), 0), MAX_REPEAT)
  const most = max === undefined || max > MAX_REPEAT ? undefined : Math.max(Math.floor(max), least)
  const atom = /^(?:\w+|\[(?:\\.|[^\]\\])*\])$/.test(expression) ? expression : `(${expression})`
  if (most === 0) return nothing
  if (least === 0 && most === 1) return `${atom}?`
  if (least === 1 && most === 1) return expression
  if (most !== undefined) return `${atom}{${least},${most}}`
  return sequence([...new Array<string>(least).fill(atom), `${atom}*`])
}
