import type { ReadyModel } from '../engine/types.js'
import type { GenerateMetrics } from '../inference/types.js'
import { byteSize, classNames, duration, rate } from './format.js'
import { withDefaults, type Labels } from './labels.js'
import { Sparkline } from './Sparkline.js'

export interface MetricsPanelProps {
  /** Figures of the last finished generation. */
  metrics?: GenerateMetrics | undefined
  /** Tokens per second over time, the newest last; see `useTokenRate`. */
  rates?: readonly number[]
  /** True while `rates` are measured: the newest is shown as the present one. */
  isLive?: boolean
  /** Adds load time and memory. */
  model?: ReadyModel | undefined
  labels?: Partial<Labels>
  className?: string
}

/** What a generation cost: rate now and over time, time to first token, tokens, memory. */
export function MetricsPanel({ metrics, rates = [], isLive = false, model, labels, className }: MetricsPanelProps) {
  const words = withDefaults(labels)
  const current = isLive ? rates.at(-1) : (metrics?.decodeTokensPerSecond ?? rates.at(-1))
  const facts = [...(metrics ? generationFacts(metrics, words) : []), ...modelFacts(model, metrics, words)]
  return (
    <section
      className={classNames('edge-llm edge-llm-metrics', className)}
      aria-label={words.metrics}
      data-live={isLive}
    >
      <div className="edge-llm-metrics-head">
        <div className="edge-llm-metrics-rate">
          <strong>{current === undefined ? '–' : rate(current)}</strong>
          <span className="edge-llm-label">{words.decodeRate}</span>
        </div>
        <Sparkline values={rates} label={words.rateOverTime} />
      </div>
      {facts.length > 0 ? (
        <dl className="edge-llm-metrics-facts">
          {facts.map(([name, value, note]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {value}
                {note && <small>{note}</small>}
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className="edge-llm-muted">{words.noMetrics}</p>
      )}
    </section>
  )
}

type Fact = [name: string, value: string, note?: string]

function generationFacts(metrics: GenerateMetrics, words: Labels): Fact[] {
  const { reusedTokens } = metrics
  return [
    [words.timeToFirstToken, duration(metrics.timeToFirstTokenMs)],
    [words.prefillRate, `${rate(metrics.prefillTokensPerSecond)} tok/s`],
    [words.tokensIn, String(metrics.promptTokens), reusedTokens > 0 ? `${reusedTokens} ${words.tokensReused}` : undefined],
    [words.tokensOut, String(metrics.completionTokens)],
    [words.totalTime, duration(metrics.totalMs)],
  ] as Fact[]
}

function modelFacts(model: ReadyModel | undefined, metrics: GenerateMetrics | undefined, words: Labels): Fact[] {
  const memoryBytes = metrics?.memoryBytes ?? model?.memoryBytes
  const facts: Fact[] = []
  if (model) facts.push([words.loadTime, duration(model.loadMs)])
  if (memoryBytes !== undefined) facts.push([words.memory, byteSize(memoryBytes)])
  return facts
}
