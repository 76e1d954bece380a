// Every way a turn can go, with the built package and the model and device of the address:
// ?model=/models/function-caller&device=wasm&dtype=q8. Tests run it by `runCase`; without them the button does.
import type { LLMConfig } from 'react-edge-llm'
import { cases } from './cases.js'
import { ChatDriver } from './ChatDriver.js'
import { Turn } from './Turn.js'

declare global {
  interface Window {
    caseNames: string[]
    /** Runs one case. Resolves to what is wrong; undefined if nothing is. */
    runCase: (name: string) => Promise<string | undefined>
  }
}

const asked = Object.fromEntries(new URLSearchParams(location.search))
const model = asked.model ?? '/models/function-caller'
const config = { models: { onnx: model }, device: asked.device, dtype: asked.dtype } as LLMConfig
const app = new ChatDriver(config)

window.caseNames = cases.map(({ name }) => name)
window.runCase = async (name) => {
  const found = cases.find((one) => one.name === name)
  if (found === undefined) return `There is no case '${name}'`
  try {
    await found.run(new Turn(app, !model.endsWith('tiny')))
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.stack?.includes(error.message) ? error.stack : `${error.message}\n${error.stack}`) : String(error)
  }
}

document.querySelector('button')?.addEventListener('click', async ({ currentTarget }) => {
  ;(currentTarget as HTMLButtonElement).disabled = true
  for (const name of window.caseNames) {
    const line = document.createElement('li')
    document.querySelector('ol')?.append(line)
    line.textContent = `${name} …`
    const started = performance.now()
    const wrong = await window.runCase(name)
    line.textContent = `${wrong === undefined ? '✔' : '✘'} ${name}, ${((performance.now() - started) / 1000).toFixed(1)} s ${wrong ?? ''}`
  }
})
