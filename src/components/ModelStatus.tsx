import type { ModelState, ReadyModel } from '../engine/types.js'
import type { Device, LoadProgress } from '../models/types.js'
import { DownloadProgress } from './DownloadProgress.js'
import { ErrorBanner } from './ErrorBanner.js'
import { classNames, shortModelName } from './format.js'
import { withDefaults, type Labels } from './labels.js'
import { quietly } from './quietly.js'

/** What `useLLM` returns: `<ModelStatus {...useLLM()} />`. */
export interface ModelStatusProps {
  status: ModelState['status']
  progress?: LoadProgress | undefined
  model?: ReadyModel | undefined
  error?: Error | undefined
  /** With `load`, a button to load while idle and the retry of a failed load. */
  load?: () => unknown
  /** With `unload`, a button to free the model, and to cancel a load. */
  unload?: () => unknown
  /** Puts the reasons for the device behind a press, for tight places such as a chat's header. */
  compact?: boolean
  labels?: Partial<Labels>
  className?: string
}

const deviceNames: Record<Device, string> = { webgpu: 'WebGPU', wasm: 'WASM', cpu: 'CPU' }

/** Where the model stands, what runs it, on which device and why. */
export function ModelStatus(props: ModelStatusProps) {
  const { status, progress, model, error, load, unload, compact = false, className } = props
  const words = withDefaults(props.labels)
  const isLoading = status === 'downloading' || status === 'loading'
  const hasFailed = status === 'error' || status === 'unsupported'
  const unloadWord = status === 'ready' ? words.unload : isLoading ? words.cancel : undefined
  return (
    <section
      className={classNames('edge-llm edge-llm-status', compact && 'edge-llm-status-compact', className)}
      data-status={status}
      aria-label={words.model}
    >
      <div className="edge-llm-status-row">
        <span className="edge-llm-status-dot" aria-hidden="true" />
        <span className="edge-llm-status-word" role="status">
          {isLoading && progress ? words.phase[progress.phase] : words.modelStatus[status]}
        </span>
        {status === 'ready' && model && <ModelChips model={model} />}
        {status === 'idle' && load && (
          <button type="button" className="edge-llm-button" onClick={() => quietly(load)}>
            {words.load}
          </button>
        )}
        {unload && unloadWord && (
          <button type="button" className="edge-llm-button edge-llm-button-quiet" onClick={() => quietly(unload)}>
            {unloadWord}
          </button>
        )}
      </div>
      {isLoading && progress && <DownloadProgress progress={progress} hidePhase labels={words} />}
      {status === 'ready' && model && !compact && <p className="edge-llm-status-reason">{reasons(model)}</p>}
      {status === 'ready' && model && compact && (
        <details className="edge-llm-details">
          <summary>{words.whyDevice(deviceNames[model.device])}</summary>
          <p className="edge-llm-status-reason">{reasons(model)}</p>
        </details>
      )}
      {hasFailed && error && <ErrorBanner error={error} onRetry={load && (() => quietly(load))} labels={words} />}
    </section>
  )
}

function ModelChips({ model }: { model: ReadyModel }) {
  return (
    <span className="edge-llm-chips">
      <b className="edge-llm-model-name" title={model.id}>
        {shortModelName(model.id)}
      </b>
      <span className="edge-llm-tag">{model.runtime}</span>
      <span className="edge-llm-tag">{deviceNames[model.device]}</span>
      {model.dtype && <span className="edge-llm-tag">{model.dtype}</span>}
      {model.threads !== undefined && (
        <span className="edge-llm-tag">{model.threads === 1 ? '1 thread' : `${model.threads} threads`}</span>
      )}
    </span>
  )
}

function reasons({ deviceReason, backendReason }: ReadyModel): string {
  return [deviceReason, backendReason]
    .map((reason) => reason.trim().replace(/\.$/, ''))
    .filter(Boolean)
    .map((sentence) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`)
    .join(' ')
}
