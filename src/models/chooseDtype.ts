import { LLMError } from '../errors/index.js'
import type { Device, DeviceFacts, Dtype, DtypeChoice } from './types.js'

// q8 is missing for WebGPU on purpose: its integer kernels give wrong text there. fp16 weights are
// missing for CPUs: their kernels there convert back and forth.
const order: Record<Device, readonly Dtype[]> = {
  webgpu: ['q4f16', 'q4', 'fp16', 'fp32'],
  wasm: ['q8', 'fp32', 'q4'],
  cpu: ['q8', 'fp32', 'q4'],
}

const q4First: readonly Dtype[] = ['q4', 'q8', 'fp32']

const suffixes: Record<Dtype, string> = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4', q4f16: '_q4f16' }

/** All number formats, best known first. */
export const allDtypes = Object.keys(suffixes) as Dtype[]

/** The graph's path by the naming that Hub models follow, e.g. `onnx/model_q4.onnx`. */
export function graphPathOf(dtype: Dtype): string {
  return `onnx/model${suffixes[dtype]}.onnx`
}

/** What {@link chooseDtype} decides from. */
export interface DtypeQuestion extends DeviceFacts {
  /** Number formats the model comes in. */
  available: readonly Dtype[]
  /** What the app asked for. */
  requested: Dtype | 'auto'
}

/**
 * The number format to load: what was asked for, else the best that exists for the device.
 * @throws LLMError `dtype-unavailable`, naming what exists.
 */
export function chooseDtype(question: DtypeQuestion): DtypeChoice & { dtype: Dtype } {
  const { device, available, requested } = question
  if (requested !== 'auto') return checkRequested(question, requested)
  const preferred = question.prefersQ4 && device !== 'webgpu' ? q4First : order[device]
  for (const dtype of preferred) {
    if (available.includes(dtype) && obstacle(dtype, question) === undefined) {
      return { dtype, reason: `${dtype} is the best of ${available.join(', ')} for ${device}` }
    }
  }
  const hindered = available.map((dtype) => obstacle(dtype, question) ?? `${dtype} is not for ${device}`)
  throw unavailable(
    available.length === 0
      ? 'The model comes in no number format the kit knows.'
      : `None of the model's files suits ${device}: ${hindered.join('; ')}. It works with one of: ${order[device].join(', ')}.` +
          (device === 'webgpu' ? ' Or set device to "wasm".' : ''),
  )
}

function checkRequested(question: DtypeQuestion, dtype: Dtype): DtypeChoice & { dtype: Dtype } {
  const { available } = question
  if (!available.includes(dtype)) {
    const existing = available.length === 0 ? 'none' : available.join(', ')
    throw unavailable(`The model has no ${dtype} file. It comes in: ${existing}. Take one of these, or dtype "auto".`)
  }
  const reason = obstacle(dtype, question)
  if (reason !== undefined) throw unavailable(`${reason}. Take another of ${available.join(', ')}, or dtype "auto".`)
  return { dtype, reason: `${dtype} was asked for` }
}

function obstacle(dtype: Dtype, { device, adapterFeatures, refused }: DeviceFacts): string | undefined {
  if (refused?.includes(dtype)) return `${dtype} gave wrong numbers`
  if (device !== 'webgpu') return undefined
  if (dtype === 'q8') return 'q8 gives wrong text on WebGPU'
  const needsHalf = dtype === 'fp16' || dtype === 'q4f16'
  return needsHalf && !adapterFeatures.includes('shader-f16') ? `${dtype} needs a GPU with shader-f16` : undefined
}

function unavailable(message: string): LLMError {
  return new LLMError({ code: 'dtype-unavailable', message, subject: 'dtype' })
}
