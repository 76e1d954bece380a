import { toLLMError, type LLMError, type LLMErrorInit } from '../errors/index.js'
import { MessageProbe, prefetchModel, SharedFlagProbe, type FilePlatform, type Runtime } from '../inference/index.js'
import type { LoadRequest } from '../inference/types.js'
import { openStorage } from '../models/index.js'
import type { LoadProgress } from '../models/types.js'
import type { EngineWorker, Outcome } from './protocol.js'

/** How a worker entry loads models. */
export type LoadRuntime = (request: LoadRequest, onProgress: (progress: LoadProgress) => void) => Promise<Runtime>

/** How a worker entry gets at files. */
export type OpenFiles = (request: LoadRequest) => Promise<FilePlatform>

const openWebFiles: OpenFiles = async ({ storage }) => ({ storage: await openStorage(storage) })

/** The object a worker entry exposes: one model, one generation at a time. */
export function createEngineWorker(loadRuntime: LoadRuntime, openFiles: OpenFiles = openWebFiles): EngineWorker {
  let runtime: Runtime | undefined
  let running: MessageProbe | undefined

  return {
    load: (request, progress) =>
      outcome(async () => {
        try {
          runtime = await loadRuntime(request, (state) => progress.postMessage(state))
        } finally {
          progress.close()
        }
        return runtime.model
      }),

    prefetch: (request, progress) =>
      outcome(async () => {
        let last: LoadProgress | undefined
        try {
          await prefetchModel(request, await openFiles(request), (state) => progress.postMessage((last = state)))
        } finally {
          progress.close()
        }
        return last
      }),

    generate: (request, updates, abortFlag) =>
      outcome(async () => {
        if (runtime === undefined) throw new Error('generate() was called before load()')
        const probe = abortFlag ? new SharedFlagProbe(abortFlag) : (running = new MessageProbe())
        try {
          await runtime.generate(request, (update) => updates.postMessage(update), probe)
        } finally {
          running?.close()
          running = undefined
          updates.close()
        }
        return undefined
      }),

    abort: () => running?.abort(),
  }
}

async function outcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await run() }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const error = toLLMError(cause, { code: 'session-failed', recoverable: true, message: `The worker failed: ${detail}` })
    return { ok: false, error: asData(error) }
  }
}

/** Causes keep their message and stack; anything else of them might not be cloneable. */
function asData({ code, message, recoverable, subject, cause }: LLMError): LLMErrorInit {
  return { code, message, recoverable, subject, cause: cause === undefined ? undefined : plainError(cause) }
}

function plainError(cause: unknown): Error {
  const copy = new Error(cause instanceof Error ? cause.message : String(cause))
  if (cause instanceof Error) {
    copy.name = cause.name
    copy.stack = cause.stack
  }
  return copy
}
