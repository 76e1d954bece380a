import { clearStoredModels, createEngine, isLLMError, type Engine, type GenerateRequest, type LLMConfig } from 'react-edge-llm/engine'

/** How a load and an answer went, as plain data. */
export interface Visit {
  backend?: string
  threads?: number | undefined
  /** Phases of the load, in order. */
  phases: string[]
  warnings?: string[]
  /** Tokens of the answer. */
  tokenIds?: number[]
  error?: { code: string; message: string }
}

declare global {
  interface Window {
    /** Loads a model in an engine of its own and asks once. */
    visit?: (config: LLMConfig, request: GenerateRequest) => Promise<Visit>
    /** Ends the engine of the last visit. */
    leave?: () => void
    /** Removes everything from the origin's storage. */
    forget?: () => Promise<void>
  }
}

let engine: Engine | undefined

window.visit = async (config, request) => {
  const current = (engine = createEngine(config))
  const visit: Visit = { phases: [] }
  current.subscribe(() => {
    const state = current.getState()
    const phase = 'progress' in state ? state.progress?.phase : undefined
    if (phase !== undefined && phase !== visit.phases.at(-1)) visit.phases.push(phase)
  })
  try {
    const { backend, threads, warnings = [] } = await current.load()
    Object.assign(visit, { backend, threads, warnings: warnings.map(({ code }) => code) })
    for await (const event of current.generate(request)) if (event.type === 'finish') visit.tokenIds = event.tokenIds
  } catch (error) {
    if (!isLLMError(error)) throw error
    visit.error = { code: error.code, message: error.message }
  }
  return visit
}
window.leave = () => engine?.dispose()
window.forget = () => clearStoredModels()
