import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ThreadInit } from '../inference/index.js'
import { simdThreadSpawner } from '../worker/simdThread.js'
import { ThreadHost } from './ThreadHost.js'

/** How a thread's worker behaves once it has its first message. */
type Behaviour = (worker: FakeThread) => void

interface FakeThread {
  readonly made: [url: string, options: WorkerOptions]
  readonly sent: unknown[]
  terminated: boolean
  onmessage?: (event: { data: unknown }) => void
  onmessageerror?: () => void
  onerror?: (event: { message: string; preventDefault(): void }) => void
}

const answers: Behaviour = (worker) => worker.onmessage?.({ data: 'ready' })
const breaks = (message: string): Behaviour => (worker) => worker.onerror?.({ message, preventDefault: () => undefined })

const init = { index: 1 } as ThreadInit
const patienceMs = 200
const ports: MessagePort[] = []

afterEach(() => {
  vi.unstubAllGlobals()
  ports.splice(0).forEach((port) => port.close())
})

/** A page with one worker that starts threads, which behave like this. `make` takes the place of their constructor. */
function page(behave: Behaviour, make: () => void = () => undefined) {
  const threads: FakeThread[] = []
  vi.stubGlobal('Worker', class implements FakeThread {
    readonly made: FakeThread['made']
    readonly sent: unknown[] = []
    terminated = false

    constructor(...made: FakeThread['made']) {
      make()
      this.made = made
      threads.push(this)
    }

    postMessage(message: unknown) {
      this.sent.push(message)
      setTimeout(() => behave(this))
    }

    terminate() {
      this.terminated = true
    }
  })
  const worker = new EventTarget()
  const host = new ThreadHost(worker as Worker)
  const heard: unknown[] = []
  worker.addEventListener('message', (event) => heard.push((event as MessageEvent).data))
  const post = (data: unknown, transferred: MessagePort[] = []) => {
    ports.push(...transferred)
    worker.dispatchEvent(new MessageEvent('message', { data, ports: transferred }))
  }
  const scope = {
    location: { href: 'https://here/assets/worker.js' },
    postMessage: (message: unknown, { transfer }: { transfer: Transferable[] }) => post(message, transfer as MessagePort[]),
  }
  return { host, threads, heard, post, spawn: simdThreadSpawner(scope, patienceMs) }
}

const failed = (message: RegExp) => expect.objectContaining({ code: 'session-failed', subject: 'threads', message: expect.stringMatching(message) as string }) as Error

describe('a thread that a worker asks its page for', () => {
  it('runs the file of the worker, gets what it needs, and ends when it is told to', async () => {
    const { spawn, threads } = page(answers)
    const thread = await spawn(init)
    expect(threads).toMatchObject([{ made: ['https://here/assets/worker.js', { type: 'module', name: 'react-edge-llm-simd-thread' }], sent: [init], terminated: false }])
    expect(thread.hasEnded?.()).toBe(false)
    thread.terminate()
    await vi.waitFor(() => expect(threads[0]!.terminated).toBe(true))
  })

  it('ends with the worker, and no more come', async () => {
    const { spawn, threads, host } = page(answers)
    await spawn(init)
    await spawn(init)
    host.end()
    expect(threads.map(({ terminated }) => terminated)).toEqual([true, true])
    await expect(spawn(init)).rejects.toEqual(failed(/did not start/))
    expect(threads).toHaveLength(2)
  })

  it('is given up where its first message never comes', async () => {
    const { spawn, threads } = page(() => undefined)
    const started = performance.now()
    await expect(spawn(init)).rejects.toEqual(failed(/did not start.*threads: 1/))
    expect(performance.now() - started).toBeGreaterThan(patienceMs - 10)
    await vi.waitFor(() => expect(threads[0]!.terminated).toBe(true))
  })

  it('is given up where the page hangs, e.g. in the constructor', async () => {
    const spawn = simdThreadSpawner({ location: { href: '' }, postMessage: (_, { transfer }) => void ports.push(...(transfer as MessagePort[])) }, patienceMs)
    await expect(spawn(init)).rejects.toEqual(failed(/did not start/))
  })

  it.each([
    ['may not be made', answers, () => { throw new Error('refused by a policy') }, /refused by a policy/],
    ['throws', breaks('no core'), undefined, /could not start \(no core\)/],
    ['is not allowed', breaks(''), undefined, /its script was refused/],
    ['cannot have the memory', (worker: FakeThread) => worker.onmessageerror?.(), undefined, /could not be sent/],
  ] as const)('that %s is a typed error at once', async (_, behave, make, message) => {
    const { spawn } = page(behave, make)
    const started = performance.now()
    await expect(spawn(init)).rejects.toEqual(failed(message))
    expect(performance.now() - started).toBeLessThan(patienceMs)
  })

  it('is known to have ended when the event loop has turned', async () => {
    const { spawn, threads } = page(answers)
    const thread = await spawn(init)
    breaks('late')(threads[0]!)
    await vi.waitFor(() => expect(thread.hasEnded?.()).toBe(true))
  })

  it('is no message to those who listen for others', async () => {
    const { spawn, heard, post } = page(answers)
    await spawn(init)
    post({ id: '1', value: 2 })
    expect(heard).toEqual([{ id: '1', value: 2 }])
  })
})
