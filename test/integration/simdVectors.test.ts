import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { CoreModule } from '../../src/simd/index.js'
import { modelFolder, modelJSON } from '../helpers/embeddedModel.js'
import { openFixture, type Fixture } from '../helpers/simd/openFixture.js'
import { differingSteps, numericsVersion, sha256, type Vectors } from '../helpers/simd/vectors.js'

const root = path.resolve(import.meta.dirname, '../..')
const file = JSON.parse(readFileSync(path.join(root, 'test/fixtures/simd/vectors.json'), 'utf8')) as Vectors
const vector = file.vectors.find(({ model }) => model === 'models/function-caller')!

it('the SIMD core gives the bits of the test vectors with the embedded model: a prompt of 200 tokens and 50 steps', async () => {
  const core = await CoreModule.compile(new Uint8Array(readFileSync(path.join(root, 'dist/worker/core.wasm'))), false)
  expect(await numericsVersion(core, false)).toBe(file.numericsVersion)
  const graphPath = 'onnx/model_q4.onnx'
  const bytes = new Uint8Array(readFileSync(path.join(modelFolder('function-caller'), graphPath)))
  expect(await sha256(bytes)).toBe(vector.graphSha256)
  const fixture: Fixture = {
    config: modelJSON('function-caller', 'config.json') as Fixture['config'],
    graph: { path: graphPath, bytes, externalData: [] },
    tokens: [],
    logits: new Float32Array(0),
  }
  expect([vector.prompt.length, vector.logits.length]).toEqual([200, 51])
  expect(await differingSteps(await openFixture(fixture, { core }), vector)).toEqual([])
})
