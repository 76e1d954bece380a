import { LLMError, toLLMError } from '../../../errors/index.js'

const outOfMemory = /bad_alloc|out of memory|array buffer allocation failed|memory allocation|cannot enlarge memory|Aborted\(OOM\)/i
const externalData = /external data|MountedFiles|mountExternalData|external initializer/i
const unknownOperator = /not a registered function\/op|Could not find an implementation|No Op registered|is not supported/i
const unreadable = /protobuf parsing failed|ModelProto does not have a graph|Load model .* failed|INVALID_PROTOBUF/i

/** The kit's error for what ONNX Runtime threw while creating a session from `file`. */
export function sessionCreationError(cause: unknown, file: string): LLMError {
  const detail = describe(cause)
  if (isOutOfMemory(cause)) return memoryError(cause, file)
  if (externalData.test(detail)) {
    return new LLMError({
      code: 'external-data-missing',
      subject: file,
      message: `${file} keeps its weights in another file that was not found: ${detail} Put the .onnx_data file beside it, or save the model as one file.`,
      cause,
    })
  }
  if (unreadable.test(detail)) {
    return new LLMError({
      code: 'model-corrupt',
      subject: file,
      message: `${file} is not a readable ONNX model: ${detail} Copy or download it again.`,
      cause,
    })
  }
  if (unknownOperator.test(detail)) {
    return new LLMError({
      code: 'unsupported-architecture',
      subject: file,
      message: `${file} uses an operator that this build of ONNX Runtime does not have: ${detail} Use another dtype or export the model again.`,
      cause,
    })
  }
  return toLLMError(cause, {
    code: 'session-failed',
    subject: file,
    message: `ONNX Runtime could not load ${file}: ${detail}`,
  })
}

/** The kit's error for what ONNX Runtime threw during a run. */
export function sessionRunError(cause: unknown): LLMError {
  if (isOutOfMemory(cause)) return memoryError(cause, 'model')
  return toLLMError(cause, {
    code: 'session-failed',
    recoverable: true,
    message: `The model failed while running: ${describe(cause)} It will be loaded again with the next request.`,
  })
}

/** True for the many ways in which WebAssembly and browsers say that memory is used up. */
export function isOutOfMemory(cause: unknown): boolean {
  const detail = describe(cause)
  return outOfMemory.test(detail) || (cause instanceof RangeError && !/call stack/i.test(detail))
}

function memoryError(cause: unknown, file: string): LLMError {
  return new LLMError({
    code: 'out-of-memory',
    subject: file,
    message:
      'There is not enough memory for this model. Use a smaller model or a smaller `dtype` (q4, q8), or close other tabs.',
    cause,
  })
}

function describe(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
