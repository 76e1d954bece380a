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
 * Bytes of the browser's largest page process: its own, and its share of what it has together with others.
 * @param {number} browser id of the browser's process
 * @returns {number | undefined} undefined where the system does not tell
 */
export function pageProcessBytes(browser) {
  const parents = new Map()
  for (const id of (process.platform === 'linux' ? readdirSync('/proc') : []).filter((name) => /^\d+$/.test(name))) {
    // The name in parentheses may hold anything, so that fields are counted from its end.
    const parent = read(`/proc/${id}/stat`).split(') ').at(-1)?.split(' ')[1]
    parents.set(Number(id), Number(parent))
  }
  const isBelow = (id) => id === browser || (parents.has(id) && isBelow(parents.get(id)))
  const pages = [...parents.keys()].filter((id) => isBelow(id) && read(`/proc/${id}/cmdline`).includes('--type=renderer'))
  const bytes = pages.map((id) => 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0))
  return bytes.length > 0 ? Math.max(...bytes) : undefined
}
