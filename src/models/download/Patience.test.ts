import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LLMError } from '../../errors/index.js'
import { defaultDownload } from './DownloadSettings.js'
import { Patience } from './Patience.js'
import { isTransientStatus, retryAfter, TransientFailure } from './TransientFailure.js'

const cut = new LLMError({ code: 'network', message: 'cut', recoverable: true, subject: 'w.onnx' })
const transient = new TransientFailure(cut)
const settings = { ...defaultDownload, backoffMs: 100, longestBackoffMs: 1000, offlineMs: 5000, retries: 4 }

let waits: number
const events = new EventTarget()

function patience(signal?: AbortSignal): Patience {
  const made = new Patience({ settings, signal, onWait: () => waits++ })
  made.answered()
  return made
}

/** How long a wait lasts, in milliseconds. */
async function lengthOf(wait: Promise<void>): Promise<number> {
  const start = Date.now()
  await Promise.all([wait, vi.runAllTimersAsync()])
  return Date.now() - start
}

beforeEach(() => {
  waits = 0
  vi.useFakeTimers()
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events))
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('Patience', () => {
  it('waits twice as long each time, up to half shorter at random, and no longer than the longest', async () => {
    const expected = [100, 200, 400, 800]
    for (const [i, longest] of expected.entries()) {
      const length = await lengthOf(patience().wait(transient, i + 1))
      expect(length).toBeGreaterThanOrEqual(longest / 2 - 1)
      expect(length).toBeLessThanOrEqual(longest + 1)
    }
    expect(waits).toBe(4)
    await expect(patience().wait(transient, 5)).rejects.toBe(cut)
  })

  it('waits as long as the server asks, within reason', async () => {
    expect(await lengthOf(patience().wait(new TransientFailure(cut, 1500), 1))).toBe(1500)
    expect(await lengthOf(patience().wait(new TransientFailure(cut, 3_600_000), 1))).toBe(2000)
  })

  it('makes one more attempt only where no server ever answered', async () => {
    const never = new Patience({ settings, signal: undefined, onWait: () => waits++ })
    await lengthOf(never.wait(transient, 1))
    await expect(never.wait(transient, 2)).rejects.toBe(cut)
  })

  it('gives up at once what another attempt cannot cure', async () => {
    const corrupt = new LLMError({ code: 'model-corrupt', message: 'no model' })
    await expect(patience().wait(corrupt, 1)).rejects.toBe(corrupt)
    expect(waits).toBe(0)
  })

  it('ends with an abort, at once', async () => {
    const controller = new AbortController()
    const wait = patience(controller.signal).wait(transient, 4)
    controller.abort()
    await expect(wait).rejects.toMatchObject({ code: 'load-aborted' })
    await expect(patience(controller.signal).wait(transient, 1)).rejects.toMatchObject({ code: 'load-aborted' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits without a network until there is one, however many attempts failed', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    const wait = patience().wait(transient, 99)
    await vi.advanceTimersByTimeAsync(4000)
    vi.stubGlobal('navigator', { onLine: true })
    events.dispatchEvent(new Event('online'))
    await expect(wait).resolves.toBeUndefined()
    expect(waits).toBe(1)
  })

  it('ends in an error that can be recovered from where the device stays offline', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    const ended = expect(patience().wait(transient, 1)).rejects.toMatchObject({ code: 'network', recoverable: true, subject: 'w.onnx', message: expect.stringContaining('offline') as string })
    await vi.advanceTimersByTimeAsync(5000)
    await ended
  })
})

describe('answers', () => {
  it.each([[408, true], [425, true], [429, true], [500, true], [503, true], [501, false], [505, false], [404, false], [401, false], [416, false]])('%i may get better: %s', (status, expected) => {
    expect(isTransientStatus(status)).toBe(expected)
  })

  it.each([[null, undefined], ['3', 3000], ['Thu, 01 Jan 1970 00:00:05 GMT', 4000], ['Thu, 01 Jan 1970 00:00:00 GMT', 0], ['soon', undefined]])('Retry-After: %s', (header, expected) => {
    const response = new Response(null, { headers: header === null ? {} : { 'retry-after': header } })
    expect(retryAfter(response, 1000)).toBe(expected)
  })
})
