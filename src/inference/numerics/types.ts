/** What is wrong with a model's numbers. */
export type NumericsProblem =
  /** NaN or infinity among the logits: something overflowed. */
  | 'not-finite'
  /** All tokens are equally likely: nothing arrives at the end of the graph. */
  | 'constant'
  /** Logits beyond what any trained model gives. */
  | 'too-large'
  /** The same tokens give other logits when the last of them is fed alone. */
  | 'inconsistent'
  /** Further from the logits in `numerics.json` than this precision's rounding explains. */
  | 'diverged'

/** What the check of a model's numbers at load found. */
export interface NumericsReport {
  /** `reference`: compared with the model's `numerics.json`. `sanity`: by rules that hold for every model. */
  method: 'reference' | 'sanity'
  /** Undefined: nothing is wrong. */
  problem?: NumericsProblem | undefined
  /** Tokens that were fed. */
  tokens: number
  /** Milliseconds that it took. */
  ms: number
  /** Largest absolute logit; infinity where one is not finite. */
  largestLogit: number
  /** KL divergence, in nats, between the last token fed with others and fed alone. Undefined where it was not got to. */
  inconsistency?: number | undefined
  /** Mean KL divergence, in nats, from the reference; only with one. */
  divergence?: number | undefined
  /** What `divergence` may be at most; only with a reference. */
  limit?: number | undefined
}
