import { LLMError } from '../errors/index.js'

/** Reads a file of the kit that lies beside the worker. */
export async function fetchAsset(url: URL): Promise<Uint8Array> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw missing(url, String(cause))
  })
  if (!response.ok) throw missing(url, `the server answered ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

function missing(url: URL, problem: string): LLMError {
  return new LLMError({
    code: 'session-failed',
    subject: url.pathname.split('/').at(-1),
    message: `A file of the kit could not be read from ${url.href}: ${problem}. Serve the files of dist/worker beside the worker.`,
    recoverable: true,
  })
}
