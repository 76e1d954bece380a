import type * as XGrammar from '@mlc-ai/web-xgrammar'

/** The parts of `@mlc-ai/web-xgrammar` that are used. */
export type XGrammarModule = Pick<typeof XGrammar, 'Grammar' | 'GrammarCompiler' | 'GrammarMatcher' | 'TokenizerInfo'>

/** Brings the library, which is fetched only when a request needs it. */
export type LoadXGrammar = () => Promise<XGrammarModule>
