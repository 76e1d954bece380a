import { Environment, Interpreter, Template } from '@huggingface/jinja'

/** Jinja's syntax, as far as it is looked at. */
interface Syntax {
  type: string
  value?: unknown
  lhs?: Syntax
  iterable?: Syntax
  filter?: Syntax
  callee?: Syntax
  args?: Syntax[]
}

interface Value {
  type: string
  value: unknown
}

interface Scope {
  set(name: string, value: unknown): unknown
}

// The library's declarations of these two do not resolve outside of its own build.
const Scope = Environment as unknown as new () => Scope
const Base = Interpreter as unknown as new (scope: Scope) => {
  evaluate(node: Syntax | undefined, scope: Scope): Value
  run(program: object): Value
}

/**
 * Steps of one rendering; a large value counts as several. 300 messages with 60 tools take a seventieth of it,
 * an endless template comes here within a second or two.
 */
const mostWork = 2_000_000
/** Characters of any value, with all that it holds: more than any context window of a browser's models. */
const mostCharacters = 4 * 1024 * 1024
const mostItems = 100_000
const deepestValue = 200
const widestIndent = 64
/** A value of so many characters costs one step more. */
const charactersPerStep = 256
/** What a round of a loop costs beside its body. */
const stepsPerRound = 10

/**
 * Renders a parsed Jinja template, which comes with a model and may be anyone's, with an end: steps, values and
 * rounds are counted, so that the outcome never depends on the machine's speed.
 * @param names what the template knows beside Jinja's own names.
 * @throws Error when the template does too much, or what it throws itself.
 */
export function renderBounded(program: object, names: Readonly<Record<string, unknown>>): string {
  const scope = new Scope()
  for (const [name, value] of Object.entries({ ...globals, ...names })) scope.set(name, value)
  return String(new BoundedInterpreter(scope).run(program).value)
}

class BoundedInterpreter extends Base {
  readonly #sizes = new WeakMap<object, number>()
  /** Expressions that loops run over. */
  readonly #iterated = new WeakSet<object>()
  #work = 0
  #hasNamespace = false

  override evaluate(node: Syntax | undefined, scope: Scope): Value {
    this.#spend(1)
    if (node) this.#look(node, scope)
    const value = super.evaluate(node, scope)
    this.#spend(this.#sizeOf(value, 0) / charactersPerStep)
    if (node && this.#iterated.has(node)) this.#spend(stepsPerRound * itemsOf(value))
    return value
  }

  #look({ type, iterable, filter }: Syntax, scope: Scope): void {
    if (type === 'For' && iterable) this.#iterated.add((iterable.type === 'SelectExpression' && iterable.lhs) || iterable)
    const name = filter?.callee?.value
    if (name !== 'indent' && name !== 'tojson') return
    for (const argument of filter?.args ?? []) {
      const width = super.evaluate(argument.type === 'KeywordArgumentExpression' ? (argument.value as Syntax) : argument, scope)
      if (typeof width.value === 'number' && width.value > widestIndent) throw new Error(`it indents by ${width.value} characters`)
    }
  }

  #spend(steps: number): void {
    this.#work += steps
    if (this.#work > mostWork) throw new Error(`it does not end within ${mostWork} steps`)
  }

  /** Characters that a value would be as text. What holds the same value twice is twice as large. */
  #sizeOf(value: Value, depth: number): number {
    const { value: content } = value
    if (typeof content === 'string') return bounded(content.length)
    if (!(content instanceof Map) && !Array.isArray(content)) return 1
    const known = this.#sizes.get(value)
    if (known !== undefined) return known
    if (depth > deepestValue) throw new Error(`it nests values more than ${deepestValue} deep`)
    const outer = this.#hasNamespace
    // Only namespaces change after they were made.
    this.#hasNamespace = value.type === 'NamespaceValue'
    let size = 2
    const add = (item: Value, key: unknown): void => {
      this.#spend(1)
      size = bounded(size + 2 + this.#sizeOf(item, depth + 1) + (typeof key === 'string' ? key.length : 0))
    }
    ;(content as Map<string, Value> | Value[]).forEach(add)
    if (!this.#hasNamespace) this.#sizes.set(value, size)
    this.#hasNamespace ||= outer
    return size
  }
}

/** Jinja's own names, as the library has them. */
const globals = {
  false: false,
  true: true,
  none: null,
  False: false,
  True: true,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Error(String(message))
  },
  range: boundedRange,
  strftime_now: (format: string) => new Template('{{ strftime_now(format) }}').render({ format }),
}

function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const count = Math.ceil((stop - start) / step)
  if (step === 0 || Number.isNaN(count)) throw new Error('range() needs numbers, and a step that is not 0')
  if (count > mostItems) throw new Error(`it asks for a range of ${count} numbers`)
  return Array.from({ length: Math.max(0, count) }, (_, i) => start + i * step)
}

function bounded(size: number): number {
  if (size > mostCharacters) throw new Error(`it makes a value of more than ${mostCharacters} characters`)
  return size
}

function itemsOf({ value }: Value): number {
  if (Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}
