import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ServerOptions } from './server/startServer.js'

/** What a worker does in the middle of its work. */
export type WorkerFault = keyof typeof acts

/** When: with the fifth token of an answer, or when the model warms up. */
export type FaultMoment = 'answer' | 'load'

const acts = {
  throws: 'throw new Error("injected")',
  'has no memory left': 'throw new RangeError("Array buffer allocation failed")',
  crashes: 'reportError(new Error("injected"))',
  'dies without a word': 'close(); for (;;);',
  hangs: 'for (;;);',
  'loses its GPU': 'devices.forEach((device) => device.destroy())',
}

/** Goes before a worker's code: acts when the worker tells the page of its progress. */
function faultScript(fault: WorkerFault, moment: FaultMoment): string {
  return `(() => {
  const devices = []
  const adapter = globalThis.GPUAdapter?.prototype
  const request = adapter?.requestDevice
  if (adapter) adapter.requestDevice = async function (...args) {
    const device = await request.apply(this, args)
    devices.push(device)
    return device
  }
  let tokens = 0
  const isTime = (message) => ${moment === 'answer' ? 'message?.tokenId !== undefined && ++tokens === 5' : `message?.phase === 'warming-up'`}
  const post = MessagePort.prototype.postMessage
  MessagePort.prototype.postMessage = function (message, ...rest) {
    post.call(this, message, ...rest)
    if (isTime(message)) { ${acts[fault]} }
  }
})();
`
}

/** Serves the workers of a built page, with the fault that is set when one starts. */
export class WorkerFaults {
  readonly #folder: string
  #script = ''

  /** @param folder of the built page */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** From now on workers have this fault. */
  set(fault: WorkerFault, moment: FaultMoment = 'answer'): void {
    this.#script = faultScript(fault, moment)
  }

  /** From now on workers have no fault. */
  clear(): void {
    this.#script = ''
  }

  /** For `startServer`. */
  get overrides(): NonNullable<ServerOptions['overrides']> {
    const serve: NonNullable<ServerOptions['overrides']>[string] = (request, response) => {
      const code = readFileSync(path.join(this.#folder, new URL(request.url ?? '/', 'http://localhost').pathname), 'utf8')
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }).end(this.#script + code)
    }
    return { '/assets/onnx-': serve, '/assets/transformers-': serve }
  }
}
