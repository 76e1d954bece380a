// What constrained decoding needs, for all workers, in a file of its own that is loaded only for requests that need it.
import xgrammar from '@mlc-ai/web-xgrammar'

export { grammarText } from '../inference/constrain/ebnf/grammarText.js'
export const { Grammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } = xgrammar
