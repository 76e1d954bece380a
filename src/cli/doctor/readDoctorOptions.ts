import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { LLMError } from '../../errors/index.js'
import { invalidOption } from '../inputErrors.js'

/** What `doctor` was asked to do. */
export interface DoctorOptions {
  folder: string
  against: string | undefined
  prompts: string[]
  text: string | undefined
  tokens: number
  runs: boolean
  /** File for the report, `-` for standard output. */
  json: string | undefined
  plot: string | undefined
  threads: number | undefined
}

/** @throws LLMError `invalid-input` naming the option. */
export function readDoctorOptions(args: string[]): DoctorOptions {
  const { values, positionals } = parse(args)
  const [folder, ...rest] = positionals
  if (folder === undefined) throw invalidOption('MODEL_DIR', 'is missing. Give the folder of the model.')
  if (rest.length > 0) throw invalidOption(rest[0]!, 'is one argument too many: one folder is examined at a time.')
  return {
    folder: existingFolder('MODEL_DIR', folder),
    against: values.against === undefined ? undefined : existingFolder('--against', values.against),
    prompts: values.prompt ?? [],
    text: values.text === undefined ? undefined : readText(values.text),
    tokens: wholeNumber('--tokens', values.tokens ?? '384'),
    runs: !values['no-run'],
    json: values.json,
    plot: values.plot,
    threads: values.threads === undefined ? undefined : wholeNumber('--threads', values.threads),
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        prompt: { type: 'string', multiple: true },
        text: { type: 'string' },
        tokens: { type: 'string' },
        'no-run': { type: 'boolean' },
        json: { type: 'string' },
        plot: { type: 'string' },
        threads: { type: 'string' },
      },
    })
  } catch (error) {
    throw new LLMError({ code: 'invalid-input', message: `${(error as Error).message.split('. ')[0]}. See react-edge-llm doctor --help.`, cause: error })
  }
}

function existingFolder(option: string, folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw invalidOption(option, `is "${folder}", and there is no such folder.`)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalidOption('--text', `is "${file}", which cannot be read: ${(error as Error).message}`)
  }
}

function wholeNumber(option: string, value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw invalidOption(option, `is "${value}"; it must be a whole number from 1 on.`)
}
