import type { GrammarLibrary } from '../../src/inference/constrain/GrammarLibrary.js'
import { grammarText } from '../../src/inference/constrain/ebnf/grammarText.js'

/**
 * The grammar library in Node, without a build. xgrammar is a script that calls itself a module: it
 * asks for a location and leaves what it has in a global.
 */
export async function loadGrammarLibrary(): Promise<GrammarLibrary> {
  const realm = globalThis as { location?: unknown; xgrammar?: Omit<GrammarLibrary, 'grammarText'> }
  realm.location ??= { href: import.meta.url }
  await import('@mlc-ai/web-xgrammar')
  return { ...realm.xgrammar!, grammarText }
}
