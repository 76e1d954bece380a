import type { LoadGrammarLibrary, GrammarLibrary } from '../inference/index.js'

/** Imports the grammar library from the file beside the worker, when it is first needed; anew each time. */
export function grammarLoader(url: URL): LoadGrammarLibrary {
  let loads = 0
  return async () => {
    loads++
    // A module is kept by its whole address, so a fragment makes a second one of the same file.
    const address = loads === 1 ? url.href : `${url.href}#${loads}`
    // The address is known only at run time, so no bundler follows it.
    return (await import(/* @vite-ignore */ address)) as GrammarLibrary
  }
}
