import type * as XGrammar from '@mlc-ai/web-xgrammar'
import type { GrammarNode } from '../../tools/formats/grammar.js'

/** What constrained decoding works with: the parts of `@mlc-ai/web-xgrammar` that are used, and what writes grammars for it. */
export interface GrammarLibrary extends Pick<typeof XGrammar, 'Grammar' | 'GrammarCompiler' | 'GrammarMatcher' | 'TokenizerInfo'> {
  /** A grammar in xgrammar's EBNF whose root matches `node`. */
  grammarText(node: GrammarNode): string
}

/**
 * Brings the library, which is fetched only when a request needs it. An error in it breaks its
 * WebAssembly for good, so every call gives an instance of its own.
 */
export type LoadGrammarLibrary = () => Promise<GrammarLibrary>
