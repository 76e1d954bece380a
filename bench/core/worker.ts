// Times passes of the product's decoder, fed directly. The core's threads run this file, too.
import { isSimdThread, serveSimdThread } from '../../src/worker/simdThread.js'
import { openCore } from './openCore.js'
import type { PassSetup, PassTimes } from './types.js'

const NEAR = 200
const FAR = 2000
const WARM_UP = 5

if (isSimdThread()) serveSimdThread()
else {
  self.onmessage = async ({ data }: MessageEvent<PassSetup>) => {
    try {
      self.postMessage(await times(data))
    } catch (error) {
      self.postMessage({ error: String(error) })
    }
  }
}

async function times(setup: PassSetup): Promise<PassTimes> {
  const decoder = await openCore(setup)
  // Any tokens do: what they say does not change how long they take.
  const tokens = Array.from({ length: FAR }, (_, i) => 100 + ((i * 7919) % 40_000))
  const far = decoder.sequence()
  const near = decoder.sequence()
  decoder.feed(near, tokens.slice(0, NEAR))
  decoder.feed(far, tokens)
  const measured = { one: [] as number[], eight: [] as number[], far: [] as number[] }
  const kinds = [
    { times: measured.one, sequence: near, length: NEAR, count: 1 },
    { times: measured.far, sequence: far, length: FAR, count: 1 },
    { times: measured.eight, sequence: near, length: NEAR, count: 8 },
  ]
  for (let round = -WARM_UP; round < setup.rounds; round++) {
    for (const { times, sequence, length, count } of kinds) {
      const started = performance.now()
      decoder.feed(sequence, tokens.slice(0, count), { logits: count })
      if (round >= 0) times.push(performance.now() - started)
      sequence.truncate(length)
    }
  }
  const { threads } = decoder
  decoder.dispose()
  return { ...measured, threads }
}
