import * as ort from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { loadCPURuntime } from '../../src/inference/loadCPURuntime.js'
import type { Runtime } from '../../src/inference/Runtime.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import type { SimdPlatform } from '../../src/inference/runtimes/simd/SimdPlatform.js'
import type { GenerateEvent, LoadRequest } from '../../src/inference/types.js'
import { NodeStorage, nodeFetch } from '../../src/models/node.js'
import { modelFolder } from '../helpers/embeddedModel.js'
import { nodePlatform } from '../helpers/simd/nodePlatform.js'
import { nodeLoadRequest } from '../helpers/nodeLoadRequest.js'

function load(changes: Partial<LoadRequest>, simd: SimdPlatform): Promise<Runtime> {
  const request = nodeLoadRequest(modelFolder('smollm2-tiny'), { dtype: 'q4', threads: undefined, cpuBackend: 'simd', ...changes })
  const openBinding = () => Promise.resolve(createNodeBinding(ort, 1))
  return loadCPURuntime(request, { openBinding, simd, storage: new NodeStorage(), fetch: nodeFetch }, () => undefined)
}

async function answer(runtime: Runtime): Promise<number[]> {
  const events: GenerateEvent[] = []
  await runtime.generate({ messages: [{ role: 'user', content: 'Hi' }], maxTokens: 8 }, (update) => events.push(...update.events), { check: () => false })
  await runtime.dispose()
  return events.flatMap((event) => (event.type === 'finish' ? event.tokenIds : []))
}

it('a load that measures takes the number of threads that was fastest, and says the same', async () => {
  const plain = await load({ threads: 1 }, nodePlatform(1))
  expect(plain.model.probe).toBeUndefined()
  const measured = await load({ probe: true }, nodePlatform(2))
  const { probe, threads, backendReason } = measured.model
  const [one, two] = probe!.threads!
  expect([one!.threads, two!.threads]).toEqual([1, 2])
  // More have to be worth it.
  expect(threads).toBe(two!.msPerToken > 0.95 * one!.msPerToken ? 1 : 2)
  expect(probe!.msPerToken).toBe(Math.min(one!.msPerToken, two!.msPerToken))
  expect(backendReason).toMatch(/\(a token with 1: [\d.]+ ms, 2: [\d.]+ ms\)/)
  expect(await answer(measured)).toEqual(await answer(plain))
})

it('leaves the number to who sets it, and measures what a token takes with it', async () => {
  const runtime = await load({ probe: true, threads: 2 }, nodePlatform(2))
  expect(runtime.model).toMatchObject({ threads: 2, probe: { msPerToken: expect.any(Number) as number } })
  expect(runtime.model.probe?.threads).toBeUndefined()
  await runtime.dispose()
})

it('goes on with one thread where a second one cannot be started, and says why', async () => {
  const runtime = await load({ probe: true }, { ...nodePlatform(2), spawn: () => Promise.reject(new Error('no more workers')) })
  expect(runtime.model).toMatchObject({ threads: 1, backendReason: expect.stringContaining('more could not be started: no more workers') as string })
  expect(runtime.model.probe?.threads).toHaveLength(1)
  expect(await answer(runtime)).toHaveLength(8)
})
