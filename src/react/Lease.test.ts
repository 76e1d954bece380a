import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Lease } from './Lease.js'

describe('Lease', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('ends a task after it was let go of, once', () => {
    const end = vi.fn()
    const release = new Lease(end).hold()
    vi.runAllTimers()
    release()
    release()
    expect(end).not.toHaveBeenCalled()
    vi.runAllTimers()
    expect(end).toHaveBeenCalledTimes(1)
  })

  it('goes on when it is held again in the same task', () => {
    const end = vi.fn()
    const lease = new Lease(end)
    lease.hold()()
    const release = lease.hold()
    vi.runAllTimers()
    expect(end).not.toHaveBeenCalled()
    release()
    vi.runAllTimers()
    expect(end).toHaveBeenCalledTimes(1)
  })
})
