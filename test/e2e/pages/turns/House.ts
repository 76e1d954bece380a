import { tool, type Tool, type ToolContext } from 'react-edge-llm'

const room = { type: 'string', enum: ['kitchen', 'bedroom', 'hall'] } as const

/** What a tool does with a call. */
type Handler = (input: object, context: ToolContext) => unknown

/** The functions that the model can call, with a record of what ran. What they do may be changed for a case. */
export class House {
  /** Calls that ran, in order. */
  readonly runs: { name: string; input: object }[] = []
  handlers: Record<string, Handler> = {}

  /** @param changes fields of single tools. @param names only these tools. Default: all. */
  tools(changes: Record<string, Partial<Tool>> = {}, names?: readonly string[]): Tool[] {
    const tools = [
      tool({
        name: 'set_light',
        description: 'Switch the light of a room on or off',
        inputSchema: { type: 'object', properties: { room, on: { type: 'boolean' } }, required: ['room', 'on'] },
        execute: this.#handler('set_light', { ok: true }),
      }),
      tool({
        name: 'set_alarm',
        description: 'Set an alarm clock',
        inputSchema: {
          type: 'object',
          properties: { time: { type: 'string', description: '24-hour time, HH:MM', pattern: '^[0-2][0-9]:[0-5][0-9]$' } },
          required: ['time'],
        },
        execute: this.#handler('set_alarm', { ok: true }),
      }),
      tool({
        name: 'find_contact',
        description: 'Look up the phone number of a person in the address book',
        inputSchema: { type: 'object', properties: { name: { type: 'string', maxLength: 12 } }, required: ['name'] },
        annotations: { readOnly: true },
        execute: this.#handler('find_contact', { number: '555-0142' }),
      }),
      tool({
        name: 'call_number',
        description: 'Call a phone number',
        inputSchema: { type: 'object', properties: { number: { type: 'string', maxLength: 16 } }, required: ['number'] },
        execute: this.#handler('call_number', { status: 'ringing' }),
      }),
      tool({
        name: 'get_temperature',
        description: 'Tell the temperature in a room',
        inputSchema: { type: 'object', properties: { room }, required: ['room'] },
        annotations: { readOnly: true },
        execute: this.#handler('get_temperature', { celsius: 19.5 }),
      }),
    ] as Tool[]
    return tools.filter(({ name }) => names?.includes(name) ?? true).map((made) => ({ ...made, ...changes[made.name] }))
  }

  #handler(name: string, output: unknown): (input: object, context: ToolContext) => unknown {
    return (input, context) => {
      this.runs.push({ name, input })
      return this.handlers[name]?.(input, context) ?? output
    }
  }
}
