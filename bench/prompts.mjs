// What sides are asked.

const filler = 'The river runs past the old mill, and the children play in the meadow until the evening bell. '

/** A prompt with so many times the same sentence of some 20 tokens. Beginnings differ, so that little of an earlier prompt can be reused. */
export const promptOf = (sentences) => (number) => `Number ${number}: read this. ${filler.repeat(sentences)} Now tell me a long story about it.`

/** About 300 tokens, with what the chat template adds. */
export const longPrompt = promptOf(12)
