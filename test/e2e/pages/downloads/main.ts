import type { Answer, Question } from './worker.js'

declare global {
  interface Window {
    /** Asks the worker; answers come as data. */
    ask?: (question: Question) => Promise<unknown>
    /** Bytes of the graph that have come in the running load, or came in the last one. */
    received?: number
  }
}

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
let last = 0

worker.addEventListener('message', ({ data }: MessageEvent<{ received?: number }>) => {
  if (data.received !== undefined) window.received = data.received
})

window.ask = (question) => {
  const id = ++last
  if (question.load) window.received = 0
  return new Promise((resolve, reject) => {
    const listen = ({ data }: MessageEvent<Answer>): void => {
      if (data.id !== id) return
      worker.removeEventListener('message', listen)
      if (data.error === undefined) resolve(data.value)
      else reject(new Error(data.error))
    }
    worker.addEventListener('message', listen)
    worker.postMessage({ id, question })
  })
}
