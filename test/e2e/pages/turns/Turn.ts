import type { FunctionCallingOptions, Tool, UIMessage } from 'react-edge-llm'
import type { ChatDriver } from './ChatDriver.js'
import { House } from './House.js'

/** How a case's chat differs from the others'. */
export interface TurnSetup extends Omit<FunctionCallingOptions, 'tools'> {
  /** The tools that this case is about: all that a model without sense is given, and has to call. */
  about: readonly string[]
  /** Fields of single tools. */
  tools?: Record<string, Partial<Tool>>
}

/** One case: a chat, the functions in it, and what is claimed of them. */
export class Turn {
  readonly house = new House()
  readonly app: ChatDriver
  /** Whether the model has learned to call functions. One with random weights gives valid calls, but not the right ones. */
  readonly hasSense: boolean
  /** Codes of the errors that `onError` was told. */
  readonly errors: string[] = []

  constructor(app: ChatDriver, hasSense: boolean) {
    this.app = app
    this.hasSense = hasSense
  }

  /** Opens the case's chat. */
  async open({ about, tools, ...options }: TurnSetup): Promise<void> {
    await this.app.open({
      onDoubt: 'execute',
      onError: ({ code }) => this.errors.push(code),
      maxTokens: 96,
      // Both models get the same from all cases, so that a prompt's beginning stays in the cache.
      tools: this.house.tools(tools, this.hasSense ? undefined : about),
      ...(!this.hasSense && { toolChoice: 'required', parallelToolCalls: false, temperature: 1, seed: 7, maxTokens: 48 }),
      ...options,
    })
  }

  /** Says something; resolves with the answer when the turn has ended. */
  async say(text: string): Promise<UIMessage> {
    await this.begin(text)
    return this.answered()
  }

  /** Says something; resolves when the turn has begun. */
  async begin(text: string): Promise<void> {
    void this.app.chat.sendMessage({ text })
    await this.app.until(() => this.app.chat.status !== 'ready', 'the turn to begin')
  }

  /** Resolves with the answer when the turn has ended. */
  async answered(): Promise<UIMessage> {
    await this.app.until(() => !this.app.chat.isBusy, 'the answer')
    const { error, messages } = this.app.chat
    if (error) throw error
    return messages.at(-1)!
  }

  /** After a stop: the chat is free at once, and its history good for another turn. */
  async goesOn(): Promise<void> {
    await this.app.until(() => this.app.chat.status === 'ready', 'the stop', 500)
    this.house.handlers = {}
    const before = this.house.runs.length
    await this.begin('Turn on the light in the hall')
    await this.app.until(() => !this.app.chat.isBusy || this.app.chat.status === 'awaiting-approval', 'another answer')
    this.claim(this.app.calls.length > 0 && this.app.chat.error === undefined, 'a stopped chat calls again')
    // The model may do what was stopped as well: it was asked for.
    const runs = JSON.stringify(this.house.runs.slice(before))
    if (this.hasSense) this.claim(runs.includes('{"name":"set_light","input":{"room":"hall","on":true}}'), 'the hall is lit', runs)
  }

  /** @throws Error where `holds` is false. */
  claim(holds: boolean, what: string, found: unknown = this.app.calls): void {
    if (!holds) throw new Error(`not so: ${what}. Found: ${JSON.stringify(found)}`)
  }

  /** Claims which calls ran; of a model without sense, that some did, and of these tools. */
  sameRuns(expected: [name: string, input: object][]): void {
    const { runs } = this.house
    const names = expected.map(([name]) => name)
    if (!this.hasSense) {
      return this.claim(runs.length >= 1 && runs.every(({ name }) => names.includes(name)), `calls of ${names.join()}`, runs)
    }
    const found = runs.map(({ name, input }) => [name, input])
    this.claim(JSON.stringify(found) === JSON.stringify(expected), JSON.stringify(expected), found)
  }

  /** Claims the states of the last message's calls; of a model without sense, that all have the first one. */
  sameStates(...states: string[]): void {
    const found = this.app.calls.map(({ state }) => state)
    const same = this.hasSense ? found.join() === states.join() : found.length > 0 && found.every((state) => state === states[0])
    this.claim(same, `states ${states.join()}`)
  }
}
