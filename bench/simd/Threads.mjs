// Workers that run passes together, in Node or in a browser.
import { pagesFor } from './Passes.mjs'

export class Threads {
  #workers
  #answers = new Map()
  #next = 0

  /**
   * @param {() => Worker} start
   * @param {{ modules: Record<string, WebAssembly.Module>, maxTokens: number, threads: number }} options
   */
  static async start(start, { modules, maxTokens, threads }) {
    const pool = new Threads(Array.from({ length: threads }, start))
    const pages = pagesFor(maxTokens, threads)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const gate = new Int32Array(new SharedArrayBuffer(8))
    await pool.#ask('setUp', (thread) => ({ memory, modules, maxTokens, threads, gate, thread }))
    return pool
  }

  constructor(workers) {
    this.#workers = workers
    for (const worker of workers) {
      const receive = ({ id, answer }) => {
        this.#answers.get(id)(answer)
        this.#answers.delete(id)
      }
      if (worker.on) worker.on('message', receive)
      else worker.onmessage = ({ data }) => receive(data)
    }
  }

  /** Milliseconds of each pass, from the common start to the last thread's end. */
  async time(options) {
    const perThread = (await this.#ask('time', () => options)).filter((times) => times.length > 0)
    return perThread[0].map((_, rep) => Math.max(...perThread.map((times) => times[rep])))
  }

  stop() {
    for (const worker of this.#workers) worker.terminate()
  }

  #ask(name, optionsOf) {
    return Promise.all(this.#workers.map((worker, thread) => new Promise((resolve) => {
      const id = this.#next++
      this.#answers.set(id, resolve)
      worker.postMessage({ id, name, ...optionsOf(thread) })
    })))
  }
}
