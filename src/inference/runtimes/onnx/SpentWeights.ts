/** A session could not be made because weights were given back that it asked for again: the model has to be read once more. */
export class SpentWeights extends Error {
  constructor(cause: unknown) {
    super('Weights were asked for again after their memory had been given back', { cause })
  }
}
