import { LLMError } from '../errors/index.js'
import type { LLMErrorCode } from '../errors/index.js'
import { isSameOrigin, pageOrigin } from './download/origins.js'
import { defaultModelAdvice, defaultModelId } from './defaultModel.js'
import type { ModelSource } from './types.js'

/** Largest graph in bytes: protobuf, and with it ONNX, ends at 2 GB. */
export const maxGraphBytes = 2 ** 31 - 1

/** Throws `load-aborted` once `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw loadAborted()
}

export function loadAborted(): LLMError {
  return new LLMError({
    code: 'load-aborted',
    message: 'Loading the model was aborted. Call load() to start again.',
    recoverable: true,
  })
}

/** The error for a file that is needed and not there. */
export function fileMissing(source: ModelSource, path: string, code: LLMErrorCode = missingCode(path)): LLMError {
  const { id } = source.options
  const advice = id === defaultModelId ? defaultModelAdvice : missingAdvice(code)
  return new LLMError({ code, message: `${id} has no ${path}. ${advice}`, subject: path })
}

function missingCode(path: string): LLMErrorCode {
  if (path === 'config.json') return 'config-missing'
  return path.startsWith('tokenizer') ? 'tokenizer-missing' : 'model-file-missing'
}

function missingAdvice(code: LLMErrorCode): string {
  switch (code) {
    case 'config-missing':
      return 'Copy config.json of the model beside its onnx folder.'
    case 'tokenizer-missing':
      return 'Save the tokenizer with the model: tokenizer.json and tokenizer_config.json belong in its root.'
    case 'external-data-missing':
      return 'The graph keeps weights in that file: copy it beside the graph, or save the graph as one file.'
    default:
      return 'Check that the file was deployed and that its name has the same upper and lower case.'
  }
}

/** The error for a model that is not there at all. */
export function modelNotFound(source: ModelSource, detail?: string): LLMError {
  const { id } = source.options
  const message =
    id === defaultModelId
      ? `There is no model at ${source.root}. ${defaultModelAdvice}`
      : source.kind === 'local'
      ? `There is no model at ${source.root}: neither config.json nor a graph. Check the path; with Vite, files of public/models/x are at /models/x.`
      : `${detail ?? `The Hub at ${String(source.hubURL)} has no model "${id}" with the revision "${String(source.revision)}".`} ` +
        `Check the spelling, and give a hubToken if the model is private. A model beside the app starts with "/": "/${id}".`
  return new LLMError({ code: 'model-not-found', message, subject: id })
}

/** The error for a web page that came in place of a file. */
export function htmlInstead({ options }: ModelSource, path: string, url: string): LLMError {
  const why =
    options.id === defaultModelId
      ? defaultModelAdvice
      : 'Most likely the path is wrong and the app’s index.html is the fallback, or the host wants a login. Open the URL in a browser to see.'
  return new LLMError({
    code: 'model-html-response',
    message: `The server answered ${url} with an HTML page in place of the file ${path}. ${why}`,
    subject: path,
  })
}

/** The error for a Git LFS pointer that was deployed in place of the file it stands for. */
export function lfsPointer(path: string): LLMError {
  return new LLMError({
    code: 'model-lfs-pointer',
    message: `${path} is a Git LFS pointer, not the file itself. Run "git lfs pull" where the model was cloned and deploy again.`,
    subject: path,
  })
}

export function corruptFile(path: string, what: string, cause?: unknown): LLMError {
  return new LLMError({
    code: 'model-corrupt',
    message: `${path} ${what} Download or convert the model again.`,
    subject: path,
    cause,
  })
}

/** The error for a file whose bytes are not the expected ones. */
export function wrongHash(path: string, actual: string, expected: string): LLMError {
  return new LLMError({
    code: 'model-corrupt',
    message: `${path} has the SHA-256 ${actual}, and ${expected} was expected. It was changed or damaged: do not use it, or correct the pinned hash.`,
    subject: path,
  })
}

export function graphTooLarge(path: string, size: number): LLMError {
  return new LLMError({
    code: 'model-too-large',
    message:
      `${path} has ${(size / 1e9).toFixed(2)} GB, and an ONNX graph ends at 2.14 GB. ` +
      'Take a smaller dtype (q4, q4f16), or save the weights as external data.',
    subject: path,
  })
}

/** The error for a body that ended before the length the server told. */
export function cutShort(path: string, received: number, expected: number): LLMError {
  return new LLMError({
    code: 'network',
    message: `${path} ended after ${received} of ${expected} bytes. The connection was cut: try again.`,
    recoverable: true,
    subject: path,
  })
}

/** The error for a body that broke off. */
export function brokenOff(path: string, cause: unknown): LLMError {
  return new LLMError({
    code: 'network',
    message: `The connection was cut while ${path} was being read. Try again.`,
    recoverable: true,
    subject: path,
    cause,
  })
}

/** The error for a connection on which nothing comes any more. */
export function stalled(path: string, cause: unknown): LLMError {
  return new LLMError({
    code: 'network',
    message: `The server stopped sending ${path}. What has arrived is kept: try again.`,
    recoverable: true,
    subject: path,
    cause,
  })
}

/** The error for a local model that is to be stored. */
export function neverStored({ options }: ModelSource): LLMError {
  return new LLMError({
    code: 'invalid-config',
    message: `${options.id} is served beside the app and never stored, so it cannot be fetched ahead. Only Hub models ("org/name") are.`,
    subject: 'id',
  })
}

/** The error where a browser stores nothing. */
export function nothingKept({ options }: ModelSource): LLMError {
  return new LLMError({
    code: 'storage',
    message: `${options.id} cannot be kept here: this page has neither OPFS nor a cache (private window, plain http, blocked site data, or storage: 'none'). It is in memory only and is downloaded again next time.`,
    recoverable: true,
    subject: options.id,
  })
}

/** The error for a file that the server replaced while it was read. */
export function changedMeanwhile(path: string): LLMError {
  return new LLMError({
    code: 'model-corrupt',
    message: `${path} was changed on the server while it was downloaded. Load the model again.`,
    recoverable: true,
    subject: path,
  })
}

/** The error for a request that got no answer, or none that the page may see. */
export function unreachable(url: string, cause: unknown): LLMError {
  return new LLMError({
    code: 'network',
    message:
      `${url} could not be reached. Check the connection and try again.` +
      (!isSameOrigin(url) ? ' If it opens in a browser tab, its server has to allow this page’s origin (CORS: Access-Control-Allow-Origin).' : ''),
    recoverable: true,
    subject: url,
    cause,
  })
}

/** The error for a page on https that asks for something on http. */
export function mixedContent(url: string, cause: unknown): LLMError {
  return new LLMError({
    code: 'mixed-content',
    message: `${url} was blocked: a page on https may not load from http. Serve the model over https, or beside the app.`,
    subject: url,
    cause,
  })
}

/** The error for a server that answers and does not let pages of this origin read its answers. */
export function corsBlocked(url: string, cause: unknown): LLMError {
  return new LLMError({
    code: 'cors-blocked',
    message:
      `${url} answers, but its server does not let pages of ${pageOrigin() ?? 'this origin'} read it. Let it send "Access-Control-Allow-Origin" with this origin or "*", ` +
      'also on redirects, or serve the model beside the app.',
    subject: url,
    cause,
  })
}

/** The error for an answer that is neither a file nor "not found". */
export function refused(source: ModelSource, path: string, response: Response): LLMError {
  const { status } = response
  const errorCode = response.headers.get('x-error-code')
  if (status === 401 || status === 403) {
    return errorCode === 'RepoNotFound' ? modelNotFound(source) : gated(source, path, status)
  }
  return new LLMError({
    code: 'network',
    message: `The server answered ${status} for ${path} (${source.url(path)}). Try again later.`,
    recoverable: true,
    subject: path,
  })
}

function gated(source: ModelSource, path: string, status: number): LLMError {
  const { id } = source.options
  const advice =
    source.kind === 'local'
      ? 'Let the page read it without a login, or serve the model from another place.'
      : source.hubToken === undefined
        ? `If the model is gated, accept its terms at ${String(source.hubURL)}/${id} and give a read token as hubToken. If it is private or misspelt, the Hub answers the same.`
        : `The hubToken does not open it: accept the terms at ${String(source.hubURL)}/${id} with the token’s account, and check that the token may read.`
  return new LLMError({ code: 'model-gated', message: `The server refuses ${path} of ${id} (${status}). ${advice}`, subject: id })
}
