// What accelerators.mjs runs: stage by stage, one model at a time.
import { median } from '../median.mjs'
import type { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import type { GenerateRequest } from '../../src/inference/types.js'
import { answer, type Answer } from './answer.js'
import { openRuntime } from './openRuntime.js'
import { callRequests, copying, fiftyRequests, say, telling } from './requests.js'
import { sides } from './sides.js'

export interface Setup {
  root: string
  model: string
  /** Tokens of an answer in prose. */
  tokens: number
  reps: number
  /** Only every n-th request. */
  every: number
  print(line: string): void
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const textOf = (request: GenerateRequest) => (request.messages.at(-1)?.content ?? '').slice(0, 40).replaceAll('\n', ' ')

async function withRuntime<T>(runtime: DecoderRuntime, run: (runtime: DecoderRuntime) => Promise<T>): Promise<T> {
  try {
    return await run(runtime)
  } finally {
    await runtime.dispose()
  }
}

async function askAll(runtime: DecoderRuntime, requests: readonly GenerateRequest[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const request of requests) answers.push(await answer(runtime, request))
  return answers
}

/** Runs of the graph that the prompt took. */
const prefills = ({ metrics }: Answer) => Math.ceil((metrics.promptTokens - metrics.reusedTokens) / 64)

/** Whether every accelerator leaves the tokens of fifty answers as they are without. @returns what differs. */
export async function sameTokens({ root, model, tokens, every, print }: Setup): Promise<string[]> {
  const requests = fiftyRequests(root, tokens).filter((_, i) => i % every === 0)
  const different: string[] = []
  let plain: Answer[] | undefined
  for (const [side, options] of Object.entries(sides)) {
    const answers = await withRuntime(await openRuntime(root, model, options), (runtime) => askAll(runtime, requests))
    plain ??= answers
    const wrong = answers.flatMap(({ ids }, i) => (ids.join() === plain![i]!.ids.join() ? [] : [`${side}: ${textOf(requests[i]!)}`]))
    different.push(...wrong)
    const passes = sum(answers.map(({ metrics }) => metrics.forwardPasses ?? 0))
    print(`${side.padEnd(13)} ${requests.length - wrong.length} of ${requests.length} answers the same; runs: ${sum(answers.map(prefills))} for prompts, ${passes} for ${sum(answers.map(({ ids }) => ids.length))} tokens`)
  }
  return different
}

/** Forward passes of the calls that the demos' requests get. @returns passes for each token of them. */
export async function passesPerToken({ root, model, every, print }: Setup): Promise<number> {
  const requests = callRequests(root).filter((_, i) => i % every === 0)
  const answers = await withRuntime(await openRuntime(root, model, {}), (runtime) => askAll(runtime, requests))
  const called = answers.filter(({ calls }) => calls > 0)
  const passes = called.map(({ metrics }) => metrics.forwardPasses ?? 0)
  const tokens = called.map(({ ids }) => ids.length)
  const worst = Math.max(...called.map(({ ids }, i) => passes[i]! / ids.length))
  const all = sum(passes) / sum(tokens)
  print(`${called.length} of ${requests.length} requests got a call: ${sum(passes)} passes for ${sum(tokens)} tokens, ${all.toFixed(3)} a token, at most ${worst.toFixed(3)}; median ${median(passes)} for ${median(tokens)}`)
  print(`with those of the prompts, whose beginnings were reused: ${sum(passes) + sum(called.map(prefills))}`)
  return all
}

/** Processor time of prose with speculation beside that without, by turns. */
export async function proseSpeed({ root, model, tokens, reps, every, print }: Setup): Promise<void> {
  const drafting = await openRuntime(root, model, {})
  const plain = await openRuntime(root, model, { speculation: false })
  for (const [kind, contents] of Object.entries({ copying, telling: telling.slice(0, 6) })) {
    const ratios: number[] = []
    for (let round = 0; round < reps; round++) {
      for (const content of contents.filter((_, i) => i % every === 0)) {
        const request = say(content, { maxTokens: tokens })
        // Fills the caches, so that only decoding is left.
        for (const runtime of [drafting, plain]) await answer(runtime, { ...request, maxTokens: 1 })
        const order = round % 2 === 0 ? [plain, drafting] : [drafting, plain]
        const pair = new Map<DecoderRuntime, Answer>()
        for (const runtime of order) pair.set(runtime, await answer(runtime, request))
        const [one, other] = [pair.get(drafting)!, pair.get(plain)!]
        ratios.push(other.decodeMs / one.decodeMs)
        print(`  ${(other.decodeMs / one.decodeMs).toFixed(2)} × ${textOf(request)}: ${one.ids.length} tokens in ${one.metrics.forwardPasses} passes, ${one.metrics.acceptedTokens} of ${one.metrics.draftedTokens} guesses right`)
      }
    }
    print(`${kind}: median ${median(ratios).toFixed(2)} × as fast, lowest ${Math.min(...ratios).toFixed(2)}`)
  }
  await drafting.dispose()
  await plain.dispose()
}
