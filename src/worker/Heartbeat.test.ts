import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LoadProgress } from '../models/index.js'
import { beatingProbe, LoadHeartbeat } from './Heartbeat.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const postMessage = vi.fn()
  const port = { postMessage } as unknown as MessagePort
  /** Beats within so many seconds. */
  const beatsIn = (seconds: number): number => {
    postMessage.mockClear()
    vi.advanceTimersByTime(seconds * 1000)
    expect(postMessage.mock.calls.every(([beat]) => beat === null)).toBe(true)
    return postMessage.mock.calls.length
  }
  return { port, beatsIn, postMessage }
}

const at = (phase: LoadProgress['phase']) => ({ phase }) as LoadProgress

describe('the heartbeat of a load', () => {
  it('goes on while it waits for servers, for a while while the runtime starts, and not while the model warms up', () => {
    const { port, beatsIn } = setUp()
    const heartbeat = new LoadHeartbeat(port)
    expect(beatsIn(3600)).toBe(3600)
    heartbeat.hear(at('downloading'))
    expect(beatsIn(3600)).toBe(3600)
    heartbeat.hear(at('loading'))
    heartbeat.hear(at('loading'))
    expect(beatsIn(600)).toBe(600)
    expect(beatsIn(600)).toBe(0)
    heartbeat.hear(at('warming-up'))
    expect(beatsIn(60)).toBe(0)
    heartbeat.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a probe that beats', () => {
  it('answers like the other, and beats once a second at most', () => {
    const { port, postMessage } = setUp()
    let aborted = false
    const probe = beatingProbe({ check: () => aborted }, port)
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(100)
      expect(probe.check()).toBe(false)
    }
    expect(postMessage.mock.calls).toEqual(Array.from({ length: 10 }, () => [null]))
    aborted = true
    expect(probe.check()).toBe(true)
  })
})
