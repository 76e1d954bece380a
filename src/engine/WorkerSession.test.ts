import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { scriptedRuntime, workerHost } from '../../test/helpers/engine/workerHost.js'
import type { LoadRequest } from '../inference/types.js'
import { WorkerSession } from './WorkerSession.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const metrics = { promptTokens: 1, reusedTokens: 0, completionTokens: 1, timeToFirstTokenMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 1, memoryBytes: undefined }

it('keeps nothing of answers that are over', async () => {
  const runtime = scriptedRuntime((_request, emit) => {
    emit({ tokenId: 1, events: [{ type: 'finish', reason: 'stop', metrics, tokenIds: [1] }] })
    return Promise.resolve()
  })
  const { host } = workerHost(() => () => Promise.resolve(runtime))
  const session = new WorkerSession(host.connectWorker('onnx', 'wasm'))
  const { signal } = new AbortController()
  await session.load({} as LoadRequest, () => undefined)
  const heapAfter = async (answers: number): Promise<number> => {
    for (let i = 0; i < answers; i++) await session.generate({ messages: [] }, () => undefined, signal)
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = await heapAfter(1000)
  const answers = 3000
  const perAnswer = ((await heapAfter(answers)) - before) / answers
  session.terminate(new Error('the test is over') as never)
  // A listener that stays with each answer takes 700; what the heap does by itself, up to 160.
  expect(perAnswer).toBeLessThan(400)
}, 60_000)
