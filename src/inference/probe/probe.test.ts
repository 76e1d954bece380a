import { describe, expect, it } from 'vitest'
import { chooseThreads, measurePass, ProbeClock } from './index.js'

/** A device with a clock of its own: a pass takes what `msOf` says for the number of threads. */
function device(msOf: (threads: number) => number, { fails = Infinity, budgetMs = 300 } = {}) {
  let now = 0
  const state = { threads: 1, passes: 0, set: [] as number[] }
  const clock = new ProbeClock(() => now, budgetMs)
  const decoder = {
    setThreads(count: number) {
      if (count >= fails) return Promise.reject(new Error('no more memory'))
      state.threads = count
      state.set.push(count)
      return Promise.resolve()
    },
    pass() {
      state.passes++
      now += msOf(state.threads)
    },
  }
  return { state, clock, decoder, elapsed: () => now }
}

describe('a pass', () => {
  it('is measured by its fastest run, without the first', async () => {
    let now = 0
    const times = [1, 9, 5, 7, 6]
    const clock = new ProbeClock(() => now)
    expect(await measurePass(() => (now += times.shift()!), clock)).toBe(5)
    expect(times).toEqual([])
  })

  it('is measured once where the time is up', async () => {
    const { decoder, clock, state } = device(() => 500)
    expect(await measurePass(() => decoder.pass(), clock)).toBe(500)
    expect(state.passes).toBe(2)
  })
})

describe('the number of threads', () => {
  it('is doubled for as long as that is faster', async () => {
    const { decoder, clock, state } = device((threads) => 12 / threads)
    expect(await chooseThreads(decoder, 4, clock)).toEqual({ times: [1, 2, 4].map((threads) => ({ threads, msPerToken: 12 / threads })) })
    expect(state.threads).toBe(4)
  })

  it('ends at what there is, be it no power of two', async () => {
    const { decoder, clock, state } = device((threads) => 12 / threads)
    await chooseThreads(decoder, 3, clock)
    expect(state.set).toEqual([2, 3])
  })

  it('goes back where more are slower, or hardly faster', async () => {
    const slower = device((threads) => ({ 1: 12, 2: 7, 4: 9 })[threads]!)
    await chooseThreads(slower.decoder, 8, slower.clock)
    expect(slower.state.set).toEqual([2, 4, 2])
    const same = device((threads) => (threads === 1 ? 10 : 9.8))
    await chooseThreads(same.decoder, 2, same.clock)
    expect(same.state.threads).toBe(1)
  })

  it('is one without a try where there is only one', async () => {
    const { decoder, clock, state } = device(() => 3)
    await chooseThreads(decoder, 1, clock)
    expect(state.set).toEqual([])
  })

  it('tries two even on devices that are too slow for the time there is, but no more', async () => {
    const { decoder, clock, state } = device((threads) => 400 / threads)
    await chooseThreads(decoder, 8, clock)
    expect(state.set).toEqual([2])
  })

  it('stays where more cannot be started, and says why', async () => {
    const { decoder, clock, state } = device((threads) => 12 / threads, { fails: 4 })
    const { times, problem } = await chooseThreads(decoder, 8, clock)
    expect(times.map(({ threads }) => threads)).toEqual([1, 2])
    expect(problem).toEqual(new Error('no more memory'))
    expect(state.threads).toBe(2)
  })
})
