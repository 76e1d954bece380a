import type { ThreadTime } from './chooseThreads.js'

/** What a model's first load on a device measured. */
export interface ProbeFigures {
  /** Milliseconds of a pass of one token at the beginning of a context, the least of a few. */
  msPerToken: number
  /** The same for numbers of threads that were tried, where these were chosen by measurement. */
  threads?: ThreadTime[]
}
