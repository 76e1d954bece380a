// npm run bench: what users feel, ours beside Transformers.js and wllama, with the same weights and prompts.
//   --scenarios LIST  of start,turns,forty,single,prose,context,reload (all; on GPUs all but single)
//   --sides LIST      of ours,transformers,wllama                      (all)
//   --reps N          rounds                                           (3)
//   --threads N       CPU threads where there are headers              (2)
//   --device D        wasm | webgpu, a real GPU                        (wasm)
//   --publish         writes the figures for the stories, too        (bench/results)
//   --json FILE       results; scenarios that it has of this machine are kept (.cache/bench/bench.json, or bench-webgpu.json)
import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { chromiumFlags, realGPUFlags } from '../scripts/lib/chromium.mjs'
import { root } from '../scripts/lib/paths.mjs'
import { Missing, main } from '../scripts/lib/step.mjs'
import { problemsOf } from './compare/checkTurns.mjs'
import { bytesPerToken } from './compare/goals.mjs'
import { earlier, publish, resultOf, writeResult } from './compare/report.mjs'
import { scenarios } from './compare/scenarios.mjs'
import { models, sidesOn } from './compare/sides.mjs'
import { ensureGguf } from './cpu/gguf.mjs'
import { goalTable } from './cpu/goals.mjs'
import { buildPage, inFreshPages } from './page.mjs'
import { serve } from './server.mjs'

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string' },
    sides: { type: 'string', default: 'ours,transformers,wllama' },
    reps: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    device: { type: 'string', default: 'wasm' },
    publish: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const device = values.device === 'webgpu' ? 'webgpu' : 'wasm'
const sides = values.sides.split(',')
const wanted = values.scenarios?.split(',') ?? Object.keys(scenarios).filter((name) => device === 'wasm' || name !== 'single')
const json = path.resolve(values.json ?? path.join(root, '.cache/bench', device === 'wasm' ? 'bench.json' : 'bench-webgpu.json'))
const setup = { machine: `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores`, device, threads: Number(values.threads) }

const needed = [
  ['dist/worker/core.wasm', 'npm run build'],
  [`models/${models.prose}/onnx/model_quantized.onnx`, 'npm run model'],
  [`models/${models.calls}/onnx/model_quantized.onnx`, 'npm run model'],
]

await main(async () => {
  const stranger = wanted.find((name) => !Object.hasOwn(scenarios, name))
  if (stranger !== undefined) throw new Missing(`There is no scenario ${stranger}, only ${Object.keys(scenarios).join(', ')}.`)
  for (const [file, command] of needed) {
    if (!existsSync(path.join(root, file))) throw new Missing(`${file} is missing. Run: ${command}`)
  }
  const server = await serveFolders()
  try {
    // One browser for all that is compared.
    const args = device === 'webgpu' ? realGPUFlags : chromiumFlags
    const result = await inFreshPages((withPage, browser) => measure({ withPage, browser, ...server.urls, threads: setup.threads }), { args })
    console.log(`\n${goalTable(result.rows)}`)
    if (result.passes) {
      const { passes, tokens, calls } = result.passes
      console.log(`\n${calls} calls of ${tokens} tokens took ${passes} forward passes: ${((100 * passes) / tokens).toFixed(0)} % of their tokens (aim: at most 33 %).`)
    }
    const slope = bytesPerToken(result.measured)
    if (slope !== undefined) console.log(`\nA token of context adds ${(slope / 1e3).toFixed(1)} kB to our WebAssembly memory.`)
    if (values.publish) publish(path.join(import.meta.dirname, 'results', `${device}.mjs`), result)
    console.log(`\n${path.relative(process.cwd(), json)} and .html hold all of it.`)
  } finally {
    server.close()
  }
})

async function serveFolders() {
  const needsGguf = device === 'wasm' && sides.includes('wllama')
  const gguf = needsGguf && (await Promise.all(Object.values(models).map(ensureGguf)))[0]
  console.log('Building the page …')
  const modelFolder = path.join(root, 'models')
  const folders = {
    '/models/': modelFolder,
    ...Object.fromEntries(Object.values(models).map((model) => [`/hub/bench/${model}/resolve/main/`, path.join(modelFolder, model)])),
    '/ort/': path.join(root, 'node_modules/onnxruntime-web/dist'),
    ...(gguf && { '/gguf/': gguf.folder, '/wllama/': path.join(root, 'node_modules/@wllama/wllama/esm/wasm') }),
    '/core/': await buildPage('core'),
    '/': await buildPage('page'),
  }
  const isolated = await serve(folders)
  const plain = await serve(folders, { isolated: false })
  return {
    urls: { isolated: isolated.url, plain: plain.url },
    close() {
      isolated.close()
      plain.close()
    },
  }
}

/** What is measured is kept after every round: a busy machine may take long. */
async function measure(stage) {
  const { taken, load, measured } = earlier(json, setup)
  const sidesWith = sidesOn(device, sides)
  let result = resultOf({ ...setup, taken, load, measured })
  for (const name of wanted) {
    const { title, sides: choose, play } = scenarios[name]
    const entries = Object.entries(choose(sidesWith, stage))
    const bySide = Object.fromEntries(entries.map(([side]) => [side, []]))
    let most = os.loadavg()[0]
    console.log(`\n${title}; load of the machine ${most.toFixed(1)}`)
    for (let round = 0; round < Number(values.reps); round++) {
      const turn = round % entries.length
      for (const [side, how] of [...entries.slice(turn), ...entries.slice(0, turn)]) {
        const played = await play(how, stage)
        bySide[side].push(played)
        console.log(`${round + 1}, ${side} (${played.about}): ${told(played)}`)
      }
      const problems = problemsOf(name, Object.fromEntries(entries.map(([side]) => [side, bySide[side].at(-1)])))
      for (const problem of problems) console.log(`! ${problem}`)
      measured[name] = bySide
      most = Math.max(most, os.loadavg()[0])
      load[name] = Number(most.toFixed(1))
      taken[name] = new Date().toISOString()
      result = resultOf({ ...setup, taken, load, measured })
      writeResult(json, result)
    }
  }
  return result
}

/** One line about what a side did. */
function told({ coldMs, warmMs, first, second, again, answers, memory }) {
  const turns = Object.entries({ first, second, again }).flatMap(([name, turn]) =>
    turn ? [`${name} ${turn.callMs === undefined ? '' : `call ${turn.callMs.toFixed(0)}, `}first token ${turn.ttftMs.toFixed(0)} ms (${turn.promptTokens - (turn.reusedTokens ?? 0)} of ${turn.promptTokens} fed)`] : [],
  )
  return [
    ...(coldMs === undefined ? [] : [`cold ${coldMs.toFixed(0)} ms, warm ${warmMs.toFixed(0)} ms`]),
    ...turns,
    ...(answers ? [`${answers.map(({ decode }) => decode.toFixed(1)).join(', ')} tok/s`] : []),
    ...(memory ? [`${(memory.bytes / 1e6).toFixed(0)} MB`] : []),
  ].join('; ')
}
