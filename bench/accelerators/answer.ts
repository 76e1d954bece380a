import type { Runtime } from '../../src/inference/Runtime.js'
import type { GenerateMetrics, GenerateRequest } from '../../src/inference/types.js'

/** What a request got. */
export interface Answer {
  ids: number[]
  calls: number
  metrics: GenerateMetrics
  /** Processor time in milliseconds from the first token on. */
  decodeMs: number
}

/** Asks one request. */
export async function answer(runtime: Runtime, request: GenerateRequest): Promise<Answer> {
  const answered: Partial<Answer> = {}
  let calls = 0
  let began: NodeJS.CpuUsage | undefined
  await runtime.generate(
    request,
    ({ tokenId, events }) => {
      if (tokenId !== undefined) began ??= process.cpuUsage()
      for (const event of events) {
        if (event.type === 'tool-call') calls++
        else if (event.type === 'finish') Object.assign(answered, { ids: event.tokenIds, metrics: event.metrics })
      }
    },
    { check: () => false },
  )
  const { user, system } = process.cpuUsage(began)
  return { ...(answered as Answer), calls, decodeMs: (user + system) / 1000 }
}
