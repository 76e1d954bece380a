import type { LoadProgress } from '../models/types.js'
import { byteSize, classNames, megabytes, timeSpan } from './format.js'
import { withDefaults, type Labels } from './labels.js'

export interface DownloadProgressProps {
  progress: LoadProgress
  /** Leaves out the line above the bar, where the phase is said beside it. */
  hidePhase?: boolean
  labels?: Partial<Labels>
  className?: string
}

/** One bar over all files of a load, with size, speed and time left as far as they are known. */
export function DownloadProgress({ progress, hidePhase = false, labels, className }: DownloadProgressProps) {
  const words = withDefaults(labels)
  const { phase, loaded, total, fraction } = progress
  const isDownloading = phase === 'downloading'
  // Only bytes are measured. What comes before and after them takes time that nobody can foretell.
  const isKnown = isDownloading && total > 0
  const percent = Math.floor(Math.min(1, Math.max(0, fraction)) * 100)
  const facts = isDownloading ? downloadFacts(progress) : []
  const size = isDownloading && loaded > 0 ? sizeText(loaded, total) : undefined
  return (
    <div className={classNames('edge-llm edge-llm-progress', className)} data-phase={phase}>
      {!hidePhase && <span className="edge-llm-progress-phase">{words.phase[phase]}</span>}
      <div
        className="edge-llm-bar"
        role="progressbar"
        aria-label={words.phase[phase]}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={isKnown ? percent : undefined}
        aria-valuetext={isKnown ? [size, ...facts].join(', ') : undefined}
        data-indeterminate={!isKnown}
      >
        <div className="edge-llm-bar-fill" style={isKnown ? { inlineSize: `${percent}%` } : undefined} />
      </div>
      {(size !== undefined || progress.file !== undefined) && (
        <div className="edge-llm-progress-row edge-llm-muted">
          <span className="edge-llm-progress-facts">{size === undefined ? progress.file : [size, ...facts].join(' · ')}</span>
          {isKnown && <b className="edge-llm-progress-percent">{percent} %</b>}
        </div>
      )}
    </div>
  )
}

function sizeText(loaded: number, total: number): string {
  return total > 0 ? `${megabytes(loaded)} of ${megabytes(total)} MB` : byteSize(loaded)
}

function downloadFacts({ bytesPerSecond, etaSeconds }: LoadProgress): string[] {
  const facts: string[] = []
  if (bytesPerSecond > 0) facts.push(`${byteSize(bytesPerSecond)}/s`)
  if (etaSeconds !== undefined && Number.isFinite(etaSeconds)) facts.push(`${timeSpan(etaSeconds)} left`)
  return facts
}
