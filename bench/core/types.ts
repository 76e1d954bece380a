/** What a measurement of passes is told. */
export interface PassSetup {
  /** Folder in models/. */
  model: string
  threads: number
  /** Times that every kind of pass is taken. */
  rounds: number
}

/** Milliseconds of each pass, by kind; passes of one index ran one after the other. */
export interface PassTimes {
  /** One token at 200 tokens of context. */
  one: number[]
  /** Eight tokens there, with all their logits. */
  eight: number[]
  /** One token at 2,000 tokens of context. */
  far: number[]
  /** Threads that ran. */
  threads: number
}
