import { LLMError } from '../../errors/index.js'
import { numericsPath, type Dtype, type JSONObject } from '../../models/index.js'
import type { ReferenceLogits } from './divergence.js'

/** What a model computes in exact arithmetic, from its `numerics.json`. */
export interface NumericsReference {
  /** Tokens to feed, with an empty cache. */
  ids: readonly number[]
  /** In ascending order of position. */
  positions: readonly ReferenceLogits[]
  /** Mean divergence that is too much, in nats, by number format. */
  limits: ReadonlyMap<string, number>
}

const mostTokens = 64

/**
 * Checks a parsed `numerics.json`; the format is in docs/doctor-report.md.
 * @param vocabSize ids must be below it.
 * @throws LLMError `model-corrupt`
 */
export function parseReference(file: JSONObject, vocabSize: number): NumericsReference {
  const { formatVersion, probe, positions, expected } = file as Partial<Record<'formatVersion' | 'probe' | 'positions' | 'expected', unknown>>
  if (formatVersion !== 1) throw corrupt(`has formatVersion ${JSON.stringify(formatVersion)}; this version of the kit reads 1`)
  const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < vocabSize
  const ids = fields(probe).ids
  if (!isListOf(ids, isId) || ids.length === 0 || ids.length > mostTokens) throw corrupt(`has no 1 to ${mostTokens} token ids of this vocabulary in probe.ids`)
  const limits = new Map(Object.entries(fields(expected)).map(([dtype, entry]) => [dtype, fields(entry).limitKl]))
  if (limits.size === 0 || !isListOf([...limits.values()], isPositive)) throw corrupt('has no limitKl above 0 for every dtype in expected')
  if (!Array.isArray(positions) || positions.length === 0) throw corrupt('has no positions')
  return { ids, positions: positions.map((each) => parsePosition(each, ids.length, isId)).sort((a, b) => a.position - b.position), limits: limits as Map<string, number> }
}

/** Most that the mean divergence may be for a number format; for one that was not measured the largest there is. */
export function limitFor({ limits }: NumericsReference, dtype: Dtype | undefined): number {
  return limits.get(dtype ?? '') ?? Math.max(...limits.values())
}

function parsePosition(value: unknown, length: number, isId: (value: unknown) => value is number): ReferenceLogits {
  const { position, logSumExp, ids, logits } = fields(value)
  const isPlace = Number.isSafeInteger(position) && (position as number) >= 0 && (position as number) < length
  const areLogits = isListOf(logits, isNumber) && isListOf(ids, isId) && ids.length > 0 && ids.length === logits.length
  if (!isPlace || !isNumber(logSumExp) || !areLogits) throw corrupt(`has a position (${JSON.stringify(position)}) without logits for its ids`)
  return { position: position as number, logSumExp, ids, logits }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function isPositive(value: unknown): value is number {
  return isNumber(value) && value > 0
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem)
}

function corrupt(what: string): LLMError {
  return new LLMError({ code: 'model-corrupt', message: `The model's ${numericsPath} ${what}. Convert the model again, or remove the file.`, subject: numericsPath })
}
