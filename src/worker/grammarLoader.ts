import type { LoadGrammarLibrary, GrammarLibrary } from '../inference/index.js'

/** Imports the grammar library from the file beside the worker, when it is first needed. */
export function grammarLoader(url: URL): LoadGrammarLibrary {
  return async () => {
    const address = url.href
    // Its address is known only at run time, so no bundler follows it.
    return (await import(/* @vite-ignore */ address)) as GrammarLibrary
  }
}
