// Speed of decoder graphs on ONNX Runtime's WASM kernels, in Node:
//   node pipeline/scripts/wasm-speed.mjs models/smollm2-135m-instruct/onnx/model_quantized.onnx …
// Graphs take turns, so that a slow moment of the machine hits all of them.
import { readFile } from 'node:fs/promises'
import ort from 'onnxruntime-web'

const promptLength = 302
const decoded = 24
const rounds = 3

ort.env.wasm.numThreads = Number(process.env.THREADS ?? 2)

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

function emptyCache(session) {
  const caches = session.inputMetadata.filter(({ name }) => name.startsWith('past_key_values.'))
  return Object.fromEntries(
    caches.map(({ name, shape }) => [name, new ort.Tensor('float32', new Float32Array(0), [1, shape[1], 0, shape[3]])]),
  )
}

async function measure(session) {
  let past = emptyCache(session)
  let total = 0
  const step = async (ids) => {
    total += ids.length
    const outputs = await session.run({
      input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      attention_mask: new ort.Tensor('int64', new BigInt64Array(total).fill(1n), [1, total]),
      num_logits_to_keep: new ort.Tensor('int64', [1n], []),
      ...past,
    })
    past = Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => name !== 'logits')
        .map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
    )
  }
  const start = performance.now()
  await step(Array.from({ length: promptLength }, (_, i) => 1000 + i))
  const prefilled = performance.now()
  for (let i = 0; i < decoded; i++) await step([2000 + i])
  return { prefill: prefilled - start, decode: (performance.now() - prefilled) / decoded }
}

const files = process.argv.slice(2)
if (files.length === 0) throw new Error('Name one .onnx file or more.')
const sessions = []
for (const file of files) sessions.push(await ort.InferenceSession.create(new Uint8Array(await readFile(file))))
const taken = files.map(() => [])
for (let round = 0; round < rounds; round++) {
  for (const [i, session] of sessions.entries()) taken[i].push(await measure(session))
}
for (const [i, file] of files.entries()) {
  const prefill = median(taken[i].map((run) => run.prefill)).toFixed(0)
  const decode = median(taken[i].map((run) => run.decode)).toFixed(1)
  console.log(`${file}: prefill of ${promptLength} tokens ${prefill} ms, decode ${decode} ms a token`)
}
process.exit(0)
