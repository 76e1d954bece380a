// The grammar library for all workers, in a file of its own that is loaded only for requests that need it.
import xgrammar from '@mlc-ai/web-xgrammar'

export const { Grammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } = xgrammar
