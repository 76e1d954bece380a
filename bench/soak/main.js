// The page of the soak test: what one cycle is stands in Cycle.js.
import * as kit from 'react-edge-llm/engine'
import { Cycle } from './Cycle.js'

async function stored() {
  const { usage = 0 } = await navigator.storage.estimate()
  return { storedBytes: usage, storedFiles: await countFiles(await navigator.storage.getDirectory()) }
}

/** @param {FileSystemDirectoryHandle} folder */
async function countFiles(folder) {
  let files = 0
  for await (const entry of folder.values()) files += entry.kind === 'directory' ? await countFiles(entry) : 1
  return files
}

Object.assign(window, { begin: (config) => void (window.cycle = new Cycle(kit, config)), stored, ready: true })
