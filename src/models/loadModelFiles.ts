import { ModelLoad } from './ModelLoad.js'
import { loadAborted, neverStored, nothingKept, throwIfAborted } from './loadErrors.js'
import type { LLMError } from '../errors/index.js'
import type { LoadFilesOptions } from './ModelLoad.js'
import type { ModelFiles, ModelSetup, ModelSource } from './types.js'

/**
 * All files of a model, from storage where they are kept, else from its server; Hub models are
 * stored on the way.
 * @throws LLMError every code of "finding and fetching a model"; `load-aborted` after an abort.
 */
export async function loadModelFiles(source: ModelSource, options: LoadFilesOptions): Promise<ModelFiles> {
  return withLoad(source, options, async (load) => {
    const chosen = await load.choose()
    const { earlier } = options
    if (earlier?.graph.path === chosen.graphPath) return { ...earlier, dtypeReason: chosen.reason }
    const { choice, config } = await load.begin(chosen, true)
    options.onConfig?.(config)
    const readSetup = async (): Promise<ModelSetup> => {
      const setup = await load.readSetup(choice, config)
      options.onSetup?.(setup)
      return setup
    }
    const [setup, graph] = await Promise.all([readSetup(), load.readGraph(choice.graphPath)])
    await load.finish(choice)
    return { ...setup, graph }
  })
}

/**
 * Downloads a model's files into storage, where they are not there yet. The largest of them is held in memory until it
 * has arrived.
 * @throws LLMError as {@link loadModelFiles}; `quota-exceeded` or `storage` where they cannot be kept; `invalid-config`
 * for local models, which are never stored.
 */
export async function prefetchModelFiles(source: ModelSource, options: LoadFilesOptions): Promise<void> {
  if (source.kind === 'local') throw neverStored(source)
  let problem = !options.storage || options.storage.name === 'none' ? nothingKept(source) : undefined
  if (problem) throw problem
  const onWarning = (warning: LLMError): void => {
    problem ??= warning
    options.onWarning?.(warning)
  }
  await withLoad(source, { ...options, onWarning, mustKeep: true }, async (load) => {
    const { choice, config } = await load.begin(await load.choose(), true)
    if (!choice.isStored) await Promise.all([load.readSetup(choice, config), load.readGraph(choice.graphPath)])
    await load.finish(choice)
  })
  if (problem) throw problem
}

/**
 * Everything but the graph's bytes, for runtimes that load the graph by themselves. That it exists
 * is checked.
 * @throws LLMError as {@link loadModelFiles}
 */
export async function loadModelSetup(source: ModelSource, options: LoadFilesOptions): Promise<ModelSetup> {
  return withLoad(source, options, async (load) => {
    const { choice, config } = await load.begin(await load.choose(), false)
    const [setup] = await Promise.all([load.readSetup(choice, config), load.checkGraph(choice.graphPath)])
    return setup
  })
}

// Whatever ends a load, its other requests end with it; an abort does not wait for a slow disk.
async function withLoad<T>(source: ModelSource, options: LoadFilesOptions, run: (load: ModelLoad) => Promise<T>): Promise<T> {
  throwIfAborted(options.signal)
  const controller = new AbortController()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(loadAborted())
  })
  options.signal?.addEventListener('abort', stop)
  try {
    return await Promise.race([runLoad(source, { ...options, signal: controller.signal }, run), aborted])
  } finally {
    options.signal?.removeEventListener('abort', stop)
    controller.abort()
  }
}

async function runLoad<T>(source: ModelSource, options: LoadFilesOptions, run: (load: ModelLoad) => Promise<T>): Promise<T> {
  const load = await ModelLoad.open(source, options)
  try {
    return await run(load)
  } finally {
    load.close()
  }
}
