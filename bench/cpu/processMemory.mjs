// Memory of a browser's processes, as Linux counts it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has ended, or this is no Linux.
    return ''
  }
}

const kilobytes = (file, field) => 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(file))?.[1] ?? 0)

/**
 * Ids of a browser's processes of one type, itself not among them.
 * @param {number} browser id of the browser's process
 * @param {'renderer' | 'gpu-process'} type
 * @returns {number[]} none where the system does not tell
 */
export function processesOf(browser, type) {
  const parents = new Map()
  for (const id of (process.platform === 'linux' ? readdirSync('/proc') : []).filter((name) => /^\d+$/.test(name))) {
    // The name in parentheses may hold anything, so that fields are counted from its end.
    const parent = read(`/proc/${id}/stat`).split(') ').at(-1)?.split(' ')[1]
    parents.set(Number(id), Number(parent))
  }
  const isBelow = (id) => id === browser || (parents.has(id) && isBelow(parents.get(id)))
  return [...parents.keys()].filter((id) => isBelow(id) && read(`/proc/${id}/cmdline`).includes(`--type=${type}`))
}

/**
 * @typedef {{ bytes: number, peakBytes: number }} ProcessMemory `bytes`: its own, and its share of what it has together
 *   with others. `peakBytes`: the most that it ever had in memory
 *
 * Memory of the browser's largest page process.
 * @param {number} browser id of the browser's process
 * @returns {ProcessMemory | undefined} undefined where the system does not tell
 */
export function pageProcessMemory(browser) {
  return processesOf(browser, 'renderer')
    .map((id) => ({ bytes: kilobytes(`/proc/${id}/smaps_rollup`, 'Pss'), peakBytes: kilobytes(`/proc/${id}/status`, 'VmHWM') }))
    .toSorted((a, b) => b.bytes - a.bytes)[0]
}

/** Bytes of a process that lie in memory. @param {number} id */
export const residentBytes = (id) => kilobytes(`/proc/${id}/status`, 'VmRSS')

/** What processes had at one time, to see what they need from then on. */
export class MemoryMark {
  /** @type {Map<number, number>} resident bytes by process */
  #before = new Map()

  /** Peaks count from now on. @param {number} browser @param {'renderer' | 'gpu-process'} type */
  constructor(browser, type) {
    for (const id of processesOf(browser, type)) {
      // Makes what it has now the most that it ever had (proc_pid_clear_refs(5)).
      writeFileSync(`/proc/${id}/clear_refs`, '5')
      this.#before.set(id, residentBytes(id))
    }
  }

  /** Bytes beyond those at the mark, of the process that grew most: the most there were in between, and what there is now. */
  growth() {
    const grown = [...this.#before].map(([id, before]) => ({
      peakBytes: kilobytes(`/proc/${id}/status`, 'VmHWM') - before,
      bytes: residentBytes(id) - before,
    }))
    return grown.toSorted((a, b) => b.peakBytes - a.peakBytes)[0]
  }
}
