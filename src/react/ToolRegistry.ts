import { LLMError } from '../errors/index.js'
import type { Tool } from '../tools/types.js'

/** The tools that mounted components offer to every conversation below the same provider. */
export class ToolRegistry {
  readonly #tools = new Map<string, () => Tool>()

  /**
   * Offers a tool until the returned function is called. `latest` is asked at every use.
   * @throws LLMError `duplicate-tool`
   */
  add(name: string, latest: () => Tool): () => void {
    if (this.#tools.has(name)) {
      throw new LLMError({
        code: 'duplicate-tool',
        subject: name,
        message:
          `Two components below one <LLMProvider> register a tool named "${name}". ` +
          'Give each its own name, or call useTool once, in a component that is mounted once.',
      })
    }
    this.#tools.set(name, latest)
    return () => this.#tools.delete(name)
  }

  /** The tools offered now, as of the last render of who offers them. */
  list(): Tool[] {
    return [...this.#tools.values()].map((latest) => latest())
  }
}
