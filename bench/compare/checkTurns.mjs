// Templates may differ by a few tokens, and answers in a history, too.
const MOST_APART = 24

/**
 * What was not the same for all sides, or not as it was meant: other prompts, answers without a call.
 * @param {string} scenario
 * @param {Record<string, import('./scenarios.mjs').Played>} bySide of one round
 * @returns {string[]} sentences
 */
export function problemsOf(scenario, bySide) {
  const wantsCalls = ['turns', 'forty', 'single', 'reload'].includes(scenario)
  const turns = Object.entries(bySide).flatMap(([side, played]) => ['first', 'second', 'again'].flatMap((turn) => (played[turn] ? [{ side, turn, ...played[turn] }] : [])))
  return turns.flatMap(({ side, turn, promptTokens, callMs, answer }) => {
    const ours = bySide.ours?.[turn]
    const apart = ours && Math.abs(promptTokens - ours.promptTokens) > MOST_APART
    return [
      ...(apart ? [`${scenario}, ${turn}: ${side} was given ${promptTokens} tokens, ours ${ours.promptTokens}.`] : []),
      ...(wantsCalls && callMs === undefined ? [`${scenario}, ${turn}: ${side} called nothing but wrote ${JSON.stringify(answer.slice(0, 200))}.`] : []),
    ]
  })
}
