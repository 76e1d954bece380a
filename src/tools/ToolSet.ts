import { LLMError } from '../errors/index.js'
import { toJSONSchema } from './schema.js'
import type { Tool, ToolSpec } from './types.js'

/** Tools by name. */
export class ToolSet {
  readonly #tools = new Map<string, Tool>()

  /** @throws LLMError `duplicate-tool` */
  constructor(tools: readonly Tool[] = []) {
    for (const tool of tools) {
      if (this.#tools.has(tool.name)) {
        throw new LLMError({
          code: 'duplicate-tool',
          message: `Two tools are named "${tool.name}". Rename or remove one of them.`,
          subject: tool.name,
        })
      }
      this.#tools.set(tool.name, tool)
    }
  }

  /** @throws LLMError `unknown-tool`, with the names there are. */
  get(name: string): Tool {
    const tool = this.#tools.get(name)
    if (tool !== undefined) return tool
    throw new LLMError({
      code: 'unknown-tool',
      message: `There is no tool named "${name}". Tools: ${[...this.#tools.keys()].join(', ') || 'none'}.`,
      subject: name,
      recoverable: true,
    })
  }

  /**
   * The tools as the model sees them.
   * @throws LLMError `invalid-tool`
   */
  specs(): ToolSpec[] {
    return [...this.#tools.values()].map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: toJSONSchema(inputSchema, name),
    }))
  }
}
