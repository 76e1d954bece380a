import type { GrammarLibrary } from '../../src/inference/constrain/GrammarLibrary.js'
import { grammarText } from '../../src/inference/constrain/ebnf/grammarText.js'

/**
 * The grammar library in Node, without a build, one for all. xgrammar is a script that calls itself a module: it
 * asks for a location and leaves what it has in a global.
 */
export async function loadGrammarLibrary(): Promise<GrammarLibrary> {
  shared ??= importLibrary('')
  return shared
}

/** An instance of its own, as workers get it. */
export function loadFreshGrammarLibrary(): Promise<GrammarLibrary> {
  instances++
  return importLibrary(`#${instances}`)
}

let shared: Promise<GrammarLibrary> | undefined
let instances = 0

async function importLibrary(fragment: string): Promise<GrammarLibrary> {
  const realm = globalThis as { location?: unknown; xgrammar?: Omit<GrammarLibrary, 'grammarText'> }
  realm.location ??= { href: import.meta.url }
  await import(/* @vite-ignore */ import.meta.resolve('@mlc-ai/web-xgrammar') + fragment)
  return { ...realm.xgrammar!, grammarText }
}
