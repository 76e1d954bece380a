import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HANG_MS, Watchdog } from './Watchdog.js'

/** Milliseconds that have passed without a timer: on a page that is frozen, asleep or blocked. */
let jumped = 0
const jump = (ms: number) => void (jumped += ms)

beforeEach(() => {
  jumped = 0
  vi.useFakeTimers()
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + jumped)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function setUp(limitMs?: number, isHidden?: () => boolean) {
  const onHang = vi.fn()
  return { dog: new Watchdog({ limitMs, isHidden }, onHang), onHang }
}

describe('a watchdog', () => {
  it('barks once when nothing is heard for as long as it takes', () => {
    const { dog, onHang } = setUp(2000)
    dog.start()
    vi.advanceTimersByTime(1900)
    expect(onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(onHang.mock.calls).toEqual([[2000]])
  })

  it('takes every sign, and waits as long again', () => {
    const { dog, onHang } = setUp(2000)
    dog.start()
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(1900)
      dog.sign()
    }
    expect(onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2100)
    expect(onHang).toHaveBeenCalledOnce()
  })

  it('does nothing before and after', () => {
    const { dog, onHang } = setUp(2000)
    vi.advanceTimersByTime(5000)
    dog.start()
    dog.stop()
    vi.advanceTimersByTime(5000)
    expect(onHang).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is generous by default, and can be turned off', () => {
    const byDefault = setUp()
    byDefault.dog.start()
    vi.advanceTimersByTime(HANG_MS - 1)
    expect(byDefault.onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(6000)
    expect(byDefault.onHang).toHaveBeenCalledOnce()
    const off = setUp(0)
    off.dog.start()
    off.dog.hurry()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('expects that what was called off ends soon', () => {
    const { dog, onHang } = setUp()
    dog.start()
    vi.advanceTimersByTime(100_000)
    dog.hurry()
    vi.advanceTimersByTime(29_000)
    expect(onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2000)
    expect(onHang.mock.calls).toEqual([[30_000]])
  })

  it('does not take a page that was frozen or asleep for a hang, however often', () => {
    const { dog, onHang } = setUp(2000)
    dog.start()
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(1900)
      jump(3_600_000)
      vi.advanceTimersByTime(100)
    }
    expect(onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2100)
    expect(onHang).toHaveBeenCalledOnce()
  })

  it('does not take a background page for a hang, whose timers run once a minute', () => {
    const { dog, onHang } = setUp()
    dog.start()
    for (let i = 0; i < 100; i++) {
      jump(60_000)
      vi.advanceTimersByTime(5000)
    }
    expect(onHang).not.toHaveBeenCalled()
  })

  it('waits while the page is hidden, and anew when it is shown', () => {
    let isHidden = false
    const { dog, onHang } = setUp(2000, () => isHidden)
    dog.start()
    vi.advanceTimersByTime(1900)
    isHidden = true
    vi.advanceTimersByTime(60_000)
    isHidden = false
    vi.advanceTimersByTime(1900)
    expect(onHang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(200)
    expect(onHang).toHaveBeenCalledOnce()
  })
})
