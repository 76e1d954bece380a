/** A piece of a literal, as a lexer of some notation gives it. A string comes as its start, pieces of its text, and its end. */
export type LiteralToken =
  | { type: 'mark'; mark: string }
  | { type: 'word'; word: string }
  | { type: 'string-start' }
  | { type: 'string'; text: string }
  | { type: 'string-end' }

/** What differs between notations. */
export interface LiteralNotation {
  /** The mark between a call's argument and its value. */
  assign: '=' | ':'
  /**
   * JSON of a word that stands for a value, or undefined where it stands for none.
   * @param argument the argument whose whole value it is.
   */
  atom(word: string, argument?: string): string | undefined
  /** Whether a comma may stand behind the last item. */
  trailingComma: boolean
  /** Whether an argument given twice is an error. Else the last one counts. */
  uniqueArguments: boolean
}

interface Container {
  kind: 'call' | 'object' | 'list' | 'tuple'
  close: string
  expects: 'key' | 'separator' | 'value' | 'next' | 'star' | 'spread'
  /** Entries so far; one count for a call and what is spread into it. */
  entries: { count: number; keys: Set<string> }
  /** Whether a comma has come since the last item. */
  afterComma: boolean
  commas: number
  key: string
  /** What a tuple holds: only its end shows whether it is one. */
  buffer: string
}

const openers: { readonly [mark: string]: { kind: Container['kind']; close: string } } = {
  '{': { kind: 'object', close: '}' },
  '[': { kind: 'list', close: ']' },
  '(': { kind: 'tuple', close: ')' },
}

/** Turns the arguments of one call into JSON text, piece by piece as their tokens come. Begins behind the opening bracket. */
export class LiteralWriter {
  readonly #notation: LiteralNotation
  readonly #write: (json: string) => void
  readonly #stack: Container[] = []
  #string: 'key' | 'value' | undefined
  /** First half of a surrogate pair. */
  #half = ''
  /** `done`: the call's closing bracket has come. `broken`: no literal can come of this any more. */
  state: 'more' | 'done' | 'broken' = 'more'

  constructor(notation: LiteralNotation, close: ')' | '}', write: (json: string) => void) {
    this.#notation = notation
    this.#write = write
    this.#stack.push(container('call', close))
    write('{')
  }

  /** Whether a key or a value comes next, so that a lexer can tell the text of one from the other's. */
  get expects(): 'key' | 'value' | undefined {
    const expects = this.#stack.at(-1)?.expects
    return expects === 'key' || expects === 'value' ? expects : undefined
  }

  push(token: LiteralToken): void {
    const top = this.#stack.at(-1)
    if (this.state !== 'more' || top === undefined) this.state = 'broken'
    else if (token.type === 'mark') this.#pushMark(top, token.mark)
    else if (token.type === 'word') this.#pushWord(top, token.word)
    else this.#pushString(top, token)
  }

  #pushMark(top: Container, mark: string): void {
    if (mark === top.close) return this.#close(top)
    const { expects } = top
    const opener = openers[mark]
    if (expects === 'value' && opener !== undefined) this.#open(opener.kind, opener.close)
    else if (expects === 'separator' && mark === (top.kind === 'call' ? this.#notation.assign : ':')) this.#writeKey(top)
    else if (expects === 'next' && mark === ',') this.#comma(top)
    else if (expects === 'key' && mark === '*' && top.kind === 'call') top.expects = 'star'
    else if (expects === 'star' && mark === '*') top.expects = 'spread'
    else if (expects === 'spread' && mark === '{') this.#spread(top)
    else this.state = 'broken'
  }

  #pushWord(top: Container, word: string): void {
    if (top.expects === 'key') {
      top.key = word
      top.expects = 'separator'
      return
    }
    const argument = top.kind === 'call' ? top.key : undefined
    const json = top.expects === 'value' ? this.#notation.atom(word, argument) : undefined
    if (json === undefined) this.state = 'broken'
    else this.#value(top, json)
  }

  #pushString(top: Container, token: Exclude<LiteralToken, { type: 'mark' | 'word' }>): void {
    if (token.type === 'string-start') {
      if (top.expects !== 'key' && top.expects !== 'value') this.state = 'broken'
      this.#string = top.expects === 'key' ? 'key' : 'value'
      if (this.#string === 'key') top.key = ''
      else this.#value(top, '"')
      return
    }
    const text = token.type === 'string' ? this.#half + token.text : this.#half
    const cut = token.type === 'string' && /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length
    this.#half = text.slice(cut)
    if (this.#string === 'key') top.key += text.slice(0, cut)
    else if (cut > 0) this.#put(JSON.stringify(text.slice(0, cut)).slice(1, -1))
    if (token.type === 'string') return
    if (this.#string === 'key') top.expects = 'separator'
    else this.#put('"')
    this.#string = undefined
  }

  /** Writes a value, or the beginning of one; its container then waits for what comes behind it. */
  #value(top: Container, json: string): void {
    if (top.kind === 'list' || top.kind === 'tuple') {
      if (top.entries.count > 0) this.#put(',')
      top.entries.count++
    }
    top.expects = 'next'
    top.afterComma = false
    this.#put(json)
  }

  #writeKey(top: Container): void {
    if (top.kind === 'call' && this.#notation.uniqueArguments && top.entries.keys.has(top.key)) {
      this.state = 'broken'
      return
    }
    top.entries.keys.add(top.key)
    this.#put(`${top.entries.count > 0 ? ',' : ''}${JSON.stringify(top.key)}:`)
    top.entries.count++
    top.expects = 'value'
  }

  #open(kind: Container['kind'], close: string): void {
    const parent = this.#stack.at(-1)
    if (parent === undefined) return
    if (kind === 'tuple') this.#value(parent, '')
    else this.#value(parent, kind === 'list' ? '[' : '{')
    this.#stack.push(container(kind, close))
  }

  #spread(top: Container): void {
    top.expects = 'next'
    top.afterComma = false
    this.#stack.push({ ...container('object', '}'), entries: top.entries })
  }

  #comma(top: Container): void {
    top.expects = top.kind === 'call' || top.kind === 'object' ? 'key' : 'value'
    top.afterComma = true
    top.commas++
  }

  #close(top: Container): void {
    const mayClose = top.expects === 'next' || (isFirst(top) && !top.afterComma) || (top.afterComma && this.#notation.trailingComma)
    if (!mayClose || (top.afterComma && top.expects !== 'key' && top.expects !== 'value')) {
      this.state = 'broken'
      return
    }
    this.#stack.pop()
    const parent = this.#stack.at(-1)
    if (parent === undefined) this.state = 'done'
    if (top.kind === 'tuple') this.#put(top.commas > 0 || top.entries.count === 0 ? `[${top.buffer}]` : top.buffer)
    else if (parent?.entries !== top.entries) this.#put(top.kind === 'list' ? ']' : '}')
  }

  #put(json: string): void {
    const tuple = this.#stack.findLast(({ kind }) => kind === 'tuple')
    if (tuple === undefined) this.#write(json)
    else tuple.buffer += json
  }
}

function container(kind: Container['kind'], close: string): Container {
  const expects = kind === 'call' || kind === 'object' ? 'key' : 'value'
  return { kind, close, expects, entries: { count: 0, keys: new Set() }, afterComma: false, commas: 0, key: '', buffer: '' }
}

/** Whether nothing has come since the opening bracket. */
function isFirst({ kind, expects, commas }: Container): boolean {
  return commas === 0 && expects === (kind === 'call' || kind === 'object' ? 'key' : 'value')
}
