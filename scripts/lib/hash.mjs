// One hash over many files, to see whether something has to be made again.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './paths.mjs'

/** @param {string} entry @returns {string[]} */
function filesUnder(entry) {
  const full = path.join(root, entry)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [entry]
  return readdirSync(full)
    .filter((name) => !['node_modules', 'dist', '__pycache__', '.venv'].includes(name))
    .sort()
    .flatMap((name) => filesUnder(path.join(entry, name)))
}

/**
 * SHA-256 over the names and contents of files and folders, relative to the root.
 * @param {string[]} entries
 */
export function hashOf(entries) {
  const hash = createHash('sha256')
  for (const file of entries.flatMap(filesUnder)) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file))).update('\0')
  }
  return hash.digest('hex')
}

/** A note of the hash that something was last made from. @param {string} name */
export function stamp(name) {
  const file = path.join(root, '.cache/stamps', name)
  return {
    /** @param {string} hash */
    matches: (hash) => existsSync(file) && readFileSync(file, 'utf8') === hash,
    /** @param {string} hash */
    write: (hash) => {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, hash)
    },
  }
}
