import type { ReadyModel } from '../../engine/index.js'
import { countDoubts, type DoubtCount } from './countDoubts.js'
import { judge, type Failure } from './judge.js'
import type { EvalOptions } from './readOptions.js'
import { summarize, type ScoredCase, type ScoreSummary } from './summarize.js'
import type { EvalCase, PlainCall, Prediction } from './types.js'

/** What `--report` writes. */
export interface EvalReport {
  cases: number
  /** What was asked for; paths as they were given. */
  options: Omit<EvalOptions, 'model' | 'limit'> & { model: string | undefined }
  /** Undefined where no case had to be run. */
  model: Pick<ReadyModel, 'runtime' | 'backend' | 'dtype' | 'toolFormat' | 'templateHasTools' | 'toolCallBias' | 'threads' | 'loadMs'> | undefined
  totalMs: number
  /** Undefined where no case says what is right. */
  scores: ScoreSummary | undefined
  /** Undefined unless `--doubts` was given. */
  doubts: DoubtCount | undefined
  /** Every scored case that was not right. */
  failures: { id: string | number; category: string | undefined; failure: Failure; expected: PlainCall[][]; prediction: Prediction }[]
  errors: { id: string | number; code: string; message: string }[]
}

interface ReportInput {
  cases: readonly EvalCase[]
  predictions: ReadonlyMap<string | number, Prediction>
  options: EvalOptions
  model: ReadyModel | undefined
  totalMs: number
}

/** Puts scores, failures and the circumstances of a run together. */
export function createReport({ cases, predictions, options, model, totalMs }: ReportInput): EvalReport {
  const answered = cases.flatMap((item) => {
    const prediction = predictions.get(item.id)
    return prediction ? [{ ...item, prediction }] : []
  })
  const scored = answered.flatMap(({ expected, ...rest }) => (expected ? [{ expected, ...rest }] : []))
  const { limit: _limit, ...shownOptions } = options
  return {
    cases: cases.length,
    options: shownOptions,
    model: model && pickModel(model),
    totalMs,
    scores: scored.length === 0 ? undefined : summarize(scored.map(({ prediction, ...item }): ScoredCase => ({ ...item, answer: prediction }))),
    doubts: options.doubts ? countDoubts(answered) : undefined,
    failures: scored.flatMap(({ id, category, expected, tools, prediction }) => {
      const failure = judge(prediction, expected, tools)
      return failure === undefined ? [] : [{ id, category, failure, expected, prediction }]
    }),
    errors: answered.flatMap(({ id, prediction: { error } }) => (error ? [{ id, ...error }] : [])),
  }
}

function pickModel({ runtime, backend, dtype, toolFormat, templateHasTools, toolCallBias, threads, loadMs }: ReadyModel): EvalReport['model'] {
  return { runtime, backend, dtype, toolFormat, templateHasTools, toolCallBias, threads, loadMs }
}
