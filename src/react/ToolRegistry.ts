import { LLMError } from '../errors/index.js'
import type { Tool } from '../tools/types.js'
import { Announcer } from './Announcer.js'

/**
 * The tools that mounted components offer to every conversation below the same provider. Announces where
 * these, or a conversation's own, may be others than before: calls are then drawn anew.
 */
export class ToolRegistry extends Announcer {
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
          'Rename one of them, or call useTool in one component alone.',
      })
    }
    this.#tools.set(name, latest)
    this.announce()
    return () => {
      this.#tools.delete(name)
      this.announce()
    }
  }

  /** The tools offered now, as of the last render of who offers them. */
  list(): Tool[] {
    return [...this.#tools.values()].map((latest) => latest())
  }
}
