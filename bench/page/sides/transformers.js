// Transformers.js by itself, in a worker.
import { peerChat } from '../peerChat.js'
import { Stopwatch } from '../Stopwatch.js'

/** @type {import('../main.js').LoadSide} */
export async function transformers(setup) {
  const worker = new Worker(new URL('../transformersWorker.js', import.meta.url), { type: 'module' })
  const ask = (message, onText) =>
    new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message))
      worker.onmessage = ({ data }) => {
        if (data.text !== undefined) onText?.(data.text)
        else if (data.error) reject(new Error(data.error))
        else resolve(data)
      }
      worker.postMessage(message)
    })
  await ask({ load: setup })
  return {
    about: `Transformers.js, ${setup.device}, ${setup.dtype}, ${crossOriginIsolated ? setup.threads : 1} threads`,
    async generate(content, maxTokens) {
      const watch = new Stopwatch()
      return watch.figures(await ask({ messages: [{ role: 'user', content }], maxTokens }, () => watch.token()))
    },
    chat: (options) => peerChat(ask, options),
  }
}
