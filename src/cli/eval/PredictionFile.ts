import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { LLMError } from '../../errors/index.js'
import { invalidLines } from '../inputErrors.js'
import type { Prediction } from './types.js'

/** A file with one prediction a line, written as they come. */
export class PredictionFile {
  /** By id: those the file began with and those that were added. */
  readonly predictions = new Map<string | number, Prediction>()
  readonly #descriptor: number

  /**
   * @param resume keeps what the file has, but for a last line that was cut off; else the file is written anew.
   * @throws LLMError `invalid-input` where the file cannot be written, or has other lines than predictions.
   */
  constructor(file: string, { resume }: { resume: boolean }) {
    if (resume && existsSync(file)) for (const prediction of readPredictions(file)) this.predictions.set(prediction.id, prediction)
    try {
      mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
      this.#descriptor = openSync(file, 'w')
    } catch (cause) {
      throw new LLMError({ code: 'invalid-input', subject: file, message: `${file} cannot be written: ${(cause as Error).message}`, cause })
    }
    for (const prediction of this.predictions.values()) this.#write(prediction)
  }

  add(prediction: Prediction): void {
    this.predictions.set(prediction.id, prediction)
    this.#write(prediction)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #write(prediction: Prediction): void {
    writeSync(this.#descriptor, `${JSON.stringify(prediction)}\n`)
  }
}

function readPredictions(file: string): Prediction[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const predictions: Prediction[] = []
  const problems: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const prediction = parse(line)
    // A last line without its end is what an interrupted run leaves behind.
    if (prediction) predictions.push(prediction)
    else if (index < lines.length - 1) problems.push(`line ${index + 1}: it is no prediction`)
  }
  if (problems.length > 0) throw invalidLines(file, problems)
  return predictions
}

function parse(line: string): Prediction | undefined {
  try {
    const value = JSON.parse(line) as Partial<Prediction>
    if (value.id === undefined || !Array.isArray(value.toolCalls)) return undefined
    return { ...value, rejected: value.rejected ?? [] } as Prediction
  } catch {
    return undefined
  }
}
