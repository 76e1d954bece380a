// One named step of a script: prints what it does, how it ended and how long it took.

/** A step that cannot go on, with what the reader can do about it. Shown without a stack. */
export class Missing extends Error {}

const width = 14

/** @param {number} ms */
export function seconds(ms) {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/**
 * Runs `work`, which gets a function for saying what it is about to do and returns how things are in the end.
 * @template T
 * @param {string} title
 * @param {(say: (what: string) => void) => Promise<{ state: string, value?: T }>} work
 * @returns {Promise<T | undefined>}
 */
export async function step(title, work) {
  const label = title.padEnd(width)
  const started = performance.now()
  const { state, value } = await work((what) => console.log(`▸ ${label} ${what} …`))
  const took = performance.now() - started
  console.log(`✔ ${label} ${state}${took > 500 ? ` (${seconds(took)})` : ''}`)
  return value
}

/**
 * Runs a whole script; a {@link Missing} is explained and ends the process with status 1.
 * @param {() => Promise<void>} work
 */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    console.error(`\n✘ ${error.message}`)
    process.exitCode = 1
  }
}
