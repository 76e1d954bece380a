import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { LLMError } from '../../errors/index.js'
import type { Dtype } from '../../models/types.js'
import { invalidOption } from '../inputErrors.js'

/** What `eval` was asked to do. */
export interface EvalOptions {
  cases: string
  out: string
  report: string | undefined
  /** `file:` URL of the model's folder; undefined where only stored predictions are scored. */
  model: string | undefined
  runtime: 'onnx' | 'transformers'
  dtype: Dtype | 'auto'
  /** Engines that run side by side, each with a model in memory. */
  concurrency: number
  /** CPU threads of each engine. */
  threads: number
  /** Most tokens of an answer. */
  maxTokens: number
  /** Undefined: the model's own. */
  toolCallBias: number | undefined
  /** Cases to run at most, from the first. */
  limit: number
  resume: boolean
  tokens: boolean
  /** Whether calls are kept within their schemas. */
  constrained: boolean
  /** Whether it is counted which calls an app would stop as doubtful. */
  doubts: boolean
}

const dtypes = ['auto', 'fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const
const runtimes = ['onnx', 'transformers'] as const

/** @throws LLMError `invalid-input` naming the option, `model-not-found`. */
export function readOptions(args: string[]): EvalOptions {
  const values = parse(args)
  if (values.model === undefined && !values.resume) throw invalidOption('--model', 'is missing. Give the folder of the model.')
  const concurrency = wholeNumber('--concurrency', values.concurrency ?? '1')
  return {
    cases: needed('--cases', values.cases),
    out: needed('--out', values.out),
    report: values.report,
    model: values.model === undefined ? undefined : modelFolder(values.model),
    runtime: oneOf('--runtime', values.runtime ?? 'onnx', runtimes),
    dtype: oneOf('--dtype', values.dtype ?? 'auto', dtypes),
    concurrency,
    threads: values.threads === undefined
      ? Math.max(1, Math.floor(availableParallelism() / concurrency))
      : wholeNumber('--threads', values.threads),
    maxTokens: wholeNumber('--max-tokens', values['max-tokens'] ?? '512'),
    toolCallBias: values['call-bias'] === undefined ? undefined : number('--call-bias', values['call-bias']),
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', values.limit),
    resume: values.resume ?? false,
    tokens: values.tokens ?? false,
    constrained: values.constrained ?? false,
    doubts: values.doubts ?? false,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args: joinNegative(args),
      options: {
        cases: { type: 'string' },
        out: { type: 'string' },
        report: { type: 'string' },
        model: { type: 'string' },
        runtime: { type: 'string' },
        dtype: { type: 'string' },
        concurrency: { type: 'string' },
        threads: { type: 'string' },
        'max-tokens': { type: 'string' },
        'call-bias': { type: 'string' },
        limit: { type: 'string' },
        resume: { type: 'boolean' },
        tokens: { type: 'boolean' },
        constrained: { type: 'boolean' },
        doubts: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new LLMError({
      code: 'invalid-input',
      message: `${(error as Error).message.split('. ')[0]}. See react-edge-llm eval --help.`,
      cause: error,
    })
  }
}

/** parseArgs takes `--call-bias -1` for two options. */
function joinNegative(args: string[]): string[] {
  const at = args.indexOf('--call-bias')
  if (at < 0 || !/^-[\d.]/.test(args[at + 1] ?? '')) return args
  return args.toSpliced(at, 2, `--call-bias=${args[at + 1]}`)
}

function modelFolder(given: string): string {
  const folder = path.resolve(given)
  if (!existsSync(path.join(folder, 'config.json'))) {
    throw new LLMError({
      code: 'model-not-found',
      subject: folder,
      message: `There is no model in ${folder}: it has no config.json. Give --model the folder that holds config.json, tokenizer.json and onnx/.`,
    })
  }
  return pathToFileURL(folder).href
}

function needed(option: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value
  throw invalidOption(option, 'is missing. See react-edge-llm eval --help.')
}

function oneOf<V extends string>(option: string, value: string, allowed: readonly V[]): V {
  if ((allowed as readonly string[]).includes(value)) return value as V
  throw invalidOption(option, `is "${value}"; it must be one of ${allowed.join(', ')}.`)
}

function wholeNumber(option: string, value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw invalidOption(option, `is "${value}"; it must be a whole number from 1 on.`)
}

function number(option: string, value: string): number {
  if (value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  throw invalidOption(option, `is "${value}"; it must be a number.`)
}
