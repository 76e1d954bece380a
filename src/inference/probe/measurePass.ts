import type { ProbeClock } from './ProbeClock.js'

const PASSES = 4

/**
 * Milliseconds that a pass takes where nothing disturbs it: the least of a few.
 * @param pass run once without being measured, as the first time allocates and compiles.
 */
export async function measurePass(pass: () => unknown, clock: ProbeClock): Promise<number> {
  await pass()
  let least = Infinity
  for (let i = 0; i < PASSES && (i === 0 || !clock.isOver); i++) least = Math.min(least, await clock.time(pass))
  return least
}
