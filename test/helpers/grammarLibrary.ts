import type { XGrammarModule } from '../../src/inference/constrain/XGrammar.js'

/**
 * The grammar library in Node, without a build. It is a script that calls itself a module: it asks
 * for a location and leaves what it has in a global.
 */
export async function loadXGrammar(): Promise<XGrammarModule> {
  const realm = globalThis as { location?: unknown; xgrammar?: XGrammarModule }
  realm.location ??= { href: import.meta.url }
  await import('@mlc-ai/web-xgrammar')
  return realm.xgrammar!
}
