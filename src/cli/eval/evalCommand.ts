import { writeFileSync } from 'node:fs'
import type { ReadyModel } from '../../engine/index.js'
import { invalidOption } from '../inputErrors.js'
import type { Command, CommandOutput } from '../types.js'
import { answerCases } from './answerCases.js'
import { doubtLine } from './countDoubts.js'
import { createReport } from './createReport.js'
import { evalHelp } from './help.js'
import { PredictionFile } from './PredictionFile.js'
import { ProgressLine } from './ProgressLine.js'
import { readCases } from './readCases.js'
import { readOptions, type EvalOptions } from './readOptions.js'
import { scoreTable } from './scoreTable.js'
import type { EvalCase } from './types.js'

/** Answers a file of requests with a model and scores the answers. */
export const evalCommand: Command = {
  summary: 'answer a file of requests with a model, and score the answers',
  help: evalHelp,

  async run(args, output) {
    const options = readOptions(args)
    const cases = readCases(options.cases).slice(0, options.limit)
    const file = new PredictionFile(options.out, options)
    const started = performance.now()
    let model: ReadyModel | undefined
    try {
      model = await answerMissing(cases, options, file, output)
    } finally {
      file.close()
    }
    const report = createReport({ cases, predictions: file.predictions, options, model, totalMs: performance.now() - started })
    if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, undefined, 2)}\n`)
    if (report.errors.length > 0) output.err(`${report.errors.length} cases could not be answered; "error" in their lines says why.\n`)
    if (report.scores) output.out(scoreTable(report.scores))
    if (report.doubts) output.out(doubtLine(report.doubts))
    return 0
  },
}

async function answerMissing(
  cases: readonly EvalCase[],
  options: EvalOptions,
  file: PredictionFile,
  output: CommandOutput,
): Promise<ReadyModel | undefined> {
  const missing = cases.filter(({ id }) => !file.predictions.has(id))
  const { model } = options
  if (missing.length < cases.length) output.err(`${cases.length - missing.length} cases are answered already.\n`)
  if (missing.length === 0) return undefined
  if (model === undefined) throw invalidOption('--model', `is missing, and ${missing.length} cases have no answer yet. Give the folder of the model.`)
  const progress = new ProgressLine(output, missing.length)
  return answerCases(missing, { ...options, model }, (prediction) => {
    file.add(prediction)
    progress.step()
  })
}
