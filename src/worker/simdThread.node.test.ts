import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ThreadInit } from '../inference/index.js'
import { simdThreadSpawner } from './simdThread.node.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'simd-thread-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A worker that does this with its first message. */
function file(name: string, act: string): URL {
  const target = path.join(folder, `${name}.mjs`)
  writeFileSync(target, `import { parentPort } from 'node:worker_threads'\nparentPort.once('message', (init) => { ${act} })\n`)
  return pathToFileURL(target)
}

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
const words = new Int32Array(memory.buffer)
const init = { memory } as ThreadInit
const failed = (message: RegExp) => expect.objectContaining({ code: 'session-failed', subject: 'threads', message: expect.stringMatching(message) as string }) as Error

describe('a thread in Node', () => {
  it.each([
    ['never answers', 'setInterval(() => {}, 1000)', /did not start.*threads: 1/],
    ['throws', 'throw new Error("no core")', /could not start \(no core\)/],
    ['ends', 'process.exit(3)', /ended with exit code 3/],
  ])('that %s is a typed error', async (name, act, message) => {
    await expect(simdThreadSpawner(file(name.replace(' ', '-'), act), 500)(init)).rejects.toEqual(failed(message))
  })

  it.each([
    ['process.exit()'],
    ['setTimeout(() => { throw new Error("late") })'],
  ])('that ends later is known to have ended, without a turn of the event loop: %s', async (act) => {
    const wait = 'Atomics.wait(new Int32Array(init.memory.buffer), 0, 0, 100)'
    const thread = await simdThreadSpawner(file('later', `parentPort.postMessage('ready'); ${wait}; ${act}`))(init)
    const end = performance.now() + 10_000
    while (!thread.hasEnded!() && performance.now() < end) Atomics.wait(words, 0, 0, 20)
    expect(thread.hasEnded!()).toBe(true)
    thread.terminate()
  })
})
