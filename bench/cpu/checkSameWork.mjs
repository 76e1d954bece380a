// Templates may differ by a few tokens, but not tokenizers.
const MOST_APART = 5

/**
 * Throws where sides did not do the same: other prompts, or an answer that ended so early that its rate says little.
 * @param {import('../rounds.mjs').Rounds} played
 * @param {number} tokens that were asked for
 */
export function checkSameWork(played, tokens) {
  for (const [round, { requests }] of played.ours.entries()) {
    for (const [index, { promptTokens }] of requests.entries()) {
      for (const [name, rounds] of Object.entries(played)) {
        const theirs = rounds[round].requests[index]
        if (Math.abs(theirs.promptTokens - promptTokens) > MOST_APART) {
          throw new Error(`${name} was given ${theirs.promptTokens} tokens where ours was given ${promptTokens}: they do not do the same`)
        }
        if (theirs.tokens < tokens / 2) throw new Error(`${name} ended after ${theirs.tokens} of ${tokens} tokens`)
      }
    }
  }
}
