// Memory of a browser's processes, as Linux counts it.
import { readdirSync, readFileSync } from 'node:fs'

const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has ended, or this is no Linux.
    return ''
  }
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
  const parents = new Map()
  for (const id of (process.platform === 'linux' ? readdirSync('/proc') : []).filter((name) => /^\d+$/.test(name))) {
    // The name in parentheses may hold anything, so that fields are counted from its end.
    const parent = read(`/proc/${id}/stat`).split(') ').at(-1)?.split(' ')[1]
    parents.set(Number(id), Number(parent))
  }
  const isBelow = (id) => id === browser || (parents.has(id) && isBelow(parents.get(id)))
  const kilobytes = (file, field) => 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(file))?.[1] ?? 0)
  return [...parents.keys()]
    .filter((id) => isBelow(id) && read(`/proc/${id}/cmdline`).includes('--type=renderer'))
    .map((id) => ({ bytes: kilobytes(`/proc/${id}/smaps_rollup`, 'Pss'), peakBytes: kilobytes(`/proc/${id}/status`, 'VmHWM') }))
    .toSorted((a, b) => b.bytes - a.bytes)[0]
}
