import { beforeAll, describe, expect, it, vi } from 'vitest'
import { binary } from '../../../../test/helpers/simd/compileOperators.js'
import { CoreMemory, type ThreadInit } from '../../../simd/index.js'
import { EarlyCore } from './EarlyCore.js'

let core: Uint8Array
beforeAll(async () => {
  core = await binary(`export * from './index'`)
}, 120_000)

function early({ threads = 3, fails = false } = {}) {
  const terminate = vi.fn()
  const platform = {
    device: 'cpu' as const,
    threads,
    readCore: vi.fn(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(core))),
    spawn: vi.fn((_init: ThreadInit) => Promise.resolve({ terminate })),
  }
  return { platform, terminate, core: new EarlyCore(platform) }
}

const memory = () => new CoreMemory({ shared: true, maximumBytes: 2 ** 24 })

describe('a core that is begun early', () => {
  it('is read once and compiled once for each kind of memory', async () => {
    const { platform, core } = early()
    core.start()
    const shared = await core.compiled(true)
    expect(await core.compiled(true)).toBe(shared)
    expect(await core.compiled(false)).not.toBe(shared)
    expect(platform.readCore).toHaveBeenCalledOnce()
  })

  it('has all its threads waiting on the memory that weights arrive in', async () => {
    const { platform, terminate, core } = early()
    const weights = memory()
    core.startThreads(weights)
    core.startThreads(weights)
    await vi.waitFor(() => expect(platform.spawn).toHaveBeenCalledTimes(2))
    expect(platform.spawn.mock.calls.map(([{ memory }]) => memory)).toEqual([weights.memory, weights.memory])
    const pool = await core.threads(weights, 3)
    expect(pool.threads).toBe(3)
    expect(platform.spawn).toHaveBeenCalledTimes(2)
    // They belong to who took them.
    core.dispose()
    await Promise.resolve()
    expect(terminate).not.toHaveBeenCalled()
  })

  it('starts others where fewer are asked for, or another memory is', async () => {
    const { platform, core } = early()
    core.startThreads(memory())
    await vi.waitFor(() => expect(platform.spawn).toHaveBeenCalledTimes(2))
    expect((await core.threads(memory(), 2)).threads).toBe(2)
    expect(platform.spawn).toHaveBeenCalledTimes(3)
  })

  it('ends threads that nobody wants', async () => {
    const { terminate, core } = early()
    core.startThreads(memory())
    core.dispose()
    await vi.waitFor(() => expect(terminate).toHaveBeenCalledTimes(2))
  })

  it('starts none where there is one thread, or nothing to share', () => {
    const { platform, core } = early({ threads: 1 })
    core.startThreads(memory())
    early().core.startThreads(new CoreMemory())
    expect(platform.readCore).not.toHaveBeenCalled()
  })

  it('tells what went wrong to who needs it', async () => {
    const { core } = early({ fails: true })
    core.start()
    core.startThreads(memory())
    await new Promise((resolve) => setTimeout(resolve))
    await expect(core.compiled(true)).rejects.toMatchObject({ code: 'session-failed', subject: 'core.wasm', recoverable: true })
    await expect(core.threads(memory(), 3)).rejects.toMatchObject({ subject: 'core.wasm' })
  })
})
