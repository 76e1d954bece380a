import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { patchedFixture, type Patched } from '../../test/helpers/simd/patchedFixture.js'
import { NodeStorage, nodeFetch } from '../models/node.js'
import type { LoadProgress } from '../models/index.js'
import { fetchDecoder } from './loadCPURuntime.js'
import { nodeLoadRequest } from '../../test/helpers/nodeLoadRequest.js'

const made: Patched[] = []
afterEach(() => made.splice(0).forEach((fixture) => fixture.remove()))

/** A tiny model of a family that the core knows, whose rotary embedding is not what its graph has. */
function refused(dtypes: Record<string, { file: string }>): string {
  const fixture = patchedFixture('llama', (graph) => graph)
  made.push(fixture)
  const change = (file: string, fields: object) => {
    const target = path.join(fixture.folder, file)
    writeFileSync(target, JSON.stringify({ ...(JSON.parse(readFileSync(target, 'utf8')) as object), ...fields }))
  }
  change('config.json', { rope_theta: 500 })
  change('manifest.json', { dtypes })
  writeFileSync(path.join(fixture.folder, 'onnx/model_quantized.onnx'), readFileSync(path.join(fixture.folder, 'onnx/model_q4.onnx')))
  return fixture.folder
}

async function load(folder: string) {
  const fetched: string[] = []
  const progress: LoadProgress[] = []
  const request = nodeLoadRequest(folder)
  const nothing = () => Promise.reject(new Error('Nothing is to be started'))
  const { arrived } = await fetchDecoder(
    request,
    {
      openBinding: nothing,
      simd: { device: 'cpu', threads: 1, readCore: nothing, spawn: nothing },
      storage: new NodeStorage(),
      fetch: (url, init) => {
        if (init?.method !== 'HEAD') fetched.push(path.basename(url))
        return nodeFetch(url, init)
      },
    },
    (state) => progress.push(state),
  )
  return { arrived, progress, count: (file: string) => fetched.filter((name) => name === file).length }
}

describe('a model whose graph the core refuses', () => {
  it('is fetched once where there is no better graph for ONNX Runtime', async () => {
    const { arrived, progress, count } = await load(refused({ q4: { file: 'onnx/model_q4.onnx' } }))
    expect([count('model_q4.onnx'), count('tokenizer.json'), count('config.json')]).toEqual([1, 1, 1])
    expect(arrived.files).toMatchObject({ dtype: 'q4', graph: { path: 'onnx/model_q4.onnx' } })
    expect(arrived.files.graph.bytes.length).toBeGreaterThan(10_000)
    arrived.onPhase('warming-up')
    expect(progress.at(-1)).toMatchObject({ phase: 'warming-up', fraction: 1 })
    const fractions = progress.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  })

  it('comes in another format where ONNX Runtime is faster with it', async () => {
    const { arrived, count } = await load(refused({ q4: { file: 'onnx/model_q4.onnx' }, q8: { file: 'onnx/model_quantized.onnx' } }))
    expect([count('model_q4.onnx'), count('model_quantized.onnx')]).toEqual([1, 1])
    expect(arrived.files).toMatchObject({ dtype: 'q8', graph: { path: 'onnx/model_quantized.onnx' } })
  })
})

describe('while weights are on their way', () => {
  it.each([
    ['the core is read for a model that it knows', 'llama', 'core'],
    ['ONNX Runtime is opened for another one', 'unknown', 'onnxruntime'],
  ])('%s', async (_what, type, expected) => {
    const { folder } = made[made.push(patchedFixture('llama', (graph) => graph)) - 1]!
    const config = path.join(folder, 'config.json')
    writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), model_type: type }))
    const events: string[] = []
    const begin = (what: string) => () => {
      events.push(what)
      begun()
      return Promise.reject(new Error('Nothing is to be started'))
    }
    let begun!: () => void
    const someBegan = new Promise<void>((resolve) => (begun = resolve))
    const simd = { device: 'cpu' as const, threads: 1, readCore: begin('core'), spawn: begin('thread') }
    await fetchDecoder(
      nodeLoadRequest(folder),
      {
        openBinding: begin('onnxruntime'),
        simd,
        storage: new NodeStorage(),
        async fetch(url, init) {
          // The graph does not come before something has begun: where nothing does, this test does not end.
          if (url.endsWith('.onnx') && init?.method !== 'HEAD') {
            await someBegan
            events.push('weights')
          }
          return nodeFetch(url, init)
        },
      },
      () => undefined,
    ).catch(() => undefined)
    expect(events).toEqual([expected, 'weights'])
  })
})
