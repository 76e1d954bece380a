import { describe, expect, it } from 'vitest'
import { ProgressMeter } from './ProgressMeter.js'
import type { LoadProgress } from './types.js'

function record(): { meter: ProgressMeter; events: (LoadProgress & { at: number })[]; clock: { now: number } } {
  const clock = { now: 0 }
  const events: (LoadProgress & { at: number })[] = []
  const meter = new ProgressMeter({ onProgress: (progress) => events.push({ ...progress, at: clock.now }), now: () => clock.now })
  return { meter, events, clock }
}

/** Small, repeatable, good enough for shuffling events. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
}

describe('ProgressMeter', () => {
  it('never goes backwards, whatever order sizes, bytes, restarts and surprises come in', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { meter, events, clock } = record()
      const below = random(seed)
      const files = Array.from({ length: 1 + below(6) }, (_, i) => ({ path: `f${i}`, size: below(5000), told: below(3), sent: 0 }))
      meter.enter('resolving')
      meter.plan(files.slice(0, 1 + below(files.length)).map(({ path }) => path))
      for (let step = 0; step < 200; step++) {
        clock.now += below(40)
        const file = files[below(files.length)]
        if (!file) continue
        if (below(12) === 0) meter.expect(file.path, file.told === 0 ? undefined : file.size)
        else if (below(40) === 0) {
          meter.restart(file.path)
          file.sent = 0
        } else if (file.sent < file.size) {
          const bytes = Math.min(file.size - file.sent, 1 + below(900))
          file.sent += bytes
          meter.advance(file.path, bytes, below(2) === 0)
          if (file.sent === file.size) meter.complete(file.path)
        }
      }
      meter.finish('loading')
      events.forEach((event, i) => {
        const before = events[i - 1]
        expect(event.fraction).toBeGreaterThanOrEqual(before?.fraction ?? 0)
        expect(event.loaded).toBeGreaterThanOrEqual(before?.loaded ?? 0)
        expect(event.fraction).toBeLessThanOrEqual(1)
        expect(event.total).toBeGreaterThanOrEqual(event.loaded)
      })
      expect(events.at(-1)).toMatchObject({ phase: 'loading', fraction: 1, bytesPerSecond: 0, file: undefined })
    }
  })

  it('holds the bar at 0 until all planned sizes are known', () => {
    const { meter, events, clock } = record()
    meter.plan(['small', 'large'])
    meter.expect('small', 10)
    meter.advance('small', 10, true)
    expect(events.at(-1)?.fraction).toBe(0)
    clock.now = 100
    meter.expect('large', 90)
    meter.advance('large', 20, true)
    expect(events.at(-1)).toMatchObject({ fraction: 0.3, loaded: 30, total: 100, file: 'large' })
  })

  it('waits at least 50 ms between events and always sends the last', () => {
    const { meter, events, clock } = record()
    meter.expect('f', 1000)
    for (let i = 0; i < 1000; i++) {
      clock.now += 1
      meter.advance('f', 1, true)
    }
    meter.finish('loading')
    expect(events.length).toBeLessThanOrEqual(22)
    events.slice(1, -1).forEach((event, i) => expect(event.at - (events[i]?.at ?? 0)).toBeGreaterThanOrEqual(50))
    expect(events.at(-1)?.loaded).toBe(1000)
  })

  it('tells rate and remaining time of a steady download', () => {
    const { meter, events, clock } = record()
    meter.expect('f', 10_000)
    for (let i = 0; i < 50; i++) {
      clock.now += 10
      meter.advance('f', 100, true)
    }
    const last = events.at(-1)
    expect(last?.bytesPerSecond).toBeGreaterThan(9_000)
    expect(last?.bytesPerSecond).toBeLessThan(11_000)
    expect(last?.etaSeconds).toBeGreaterThan(0.4)
    expect(last?.etaSeconds).toBeLessThan(0.7)
  })

  it('reports no rate for files out of storage', () => {
    const { meter, events, clock } = record()
    meter.expect('f', 1000)
    for (let i = 0; i < 10; i++) {
      clock.now += 100
      meter.advance('f', 100, false)
    }
    expect(events.at(-1)).toMatchObject({ bytesPerSecond: 0, etaSeconds: undefined, fraction: 1 })
  })
})
