import { isLLMError, LLMError, type LLMErrorInit } from '../errors/index.js'
import { isOutOfMemory, MessageProbe, prefetchModel, sessionRunError, SharedFlagProbe, type FilePlatform, type Runtime } from '../inference/index.js'
import type { LoadRequest } from '../inference/types.js'
import { openStorage } from '../models/index.js'
import type { LoadProgress } from '../models/types.js'
import type { GPUWatch } from './GPUWatch.js'
import { beatingProbe, LoadHeartbeat } from './Heartbeat.js'
import type { EngineWorker, Outcome } from './protocol.js'

/** How a worker entry loads models. */
export type LoadRuntime = (request: LoadRequest, onProgress: (progress: LoadProgress) => void) => Promise<Runtime>

/** How a worker entry gets at files. */
export type OpenFiles = (request: LoadRequest) => Promise<FilePlatform>

/** Files of web pages. */
export const openWebFiles: OpenFiles = async ({ storage }) => ({ storage: await openStorage(storage) })

/**
 * The object a worker entry exposes: one model, one generation at a time.
 * @param gpu the GPU that models run on, where they may run on one.
 */
export function createEngineWorker(loadRuntime: LoadRuntime, openFiles: OpenFiles = openWebFiles, gpu?: GPUWatch): EngineWorker {
  let runtime: Runtime | undefined
  let running: MessageProbe | undefined

  return {
    load: (request, progress) =>
      outcome(async () => {
        const heartbeat = new LoadHeartbeat(progress)
        try {
          runtime = await loadRuntime(request, (state) => {
            heartbeat.hear(state)
            progress.postMessage(state)
          })
          gpu?.use()
        } finally {
          heartbeat.stop()
          progress.close()
        }
        return runtime.model
      }, gpu),

    prefetch: (request, progress) =>
      outcome(async () => {
        const heartbeat = new LoadHeartbeat(progress)
        let last: LoadProgress | undefined
        try {
          await prefetchModel(request, await openFiles(request), (state) => progress.postMessage((last = state)))
        } finally {
          heartbeat.stop()
          progress.close()
        }
        return last
      }),

    generate: (request, updates, abortFlag) =>
      outcome(async () => {
        if (runtime === undefined) throw new Error('generate() was called before load()')
        const probe = abortFlag ? new SharedFlagProbe(abortFlag) : (running = new MessageProbe())
        try {
          await runtime.generate(request, (update) => updates.postMessage(update), beatingProbe(probe, updates))
        } finally {
          running?.close()
          running = undefined
          updates.close()
        }
        return undefined
      }, gpu),

    abort: () => running?.abort(),

    reportFailure: (failures) => gpu?.onLoss((loss) => failures.postMessage(asData(loss))),
  }
}

async function outcome<T>(run: () => Promise<T>, gpu?: GPUWatch): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await run() }
  } catch (cause) {
    const error = toError(cause)
    return { ok: false, error: asData((await gpu?.explain(error)) ?? error) }
  }
}

function toError(cause: unknown): LLMError {
  if (isLLMError(cause)) return cause
  if (isOutOfMemory(cause)) return sessionRunError(cause)
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new LLMError({ code: 'session-failed', recoverable: true, message: `The worker failed: ${detail}`, cause })
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
