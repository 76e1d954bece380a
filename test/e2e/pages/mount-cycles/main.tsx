import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LLMProvider, useLLM } from 'react-edge-llm'

/** How far the model gets before the provider is taken away. */
type Until = 'mounted' | 'downloading' | 'ready'

declare global {
  interface Window {
    /** Mounts a provider that loads at once, waits, unmounts it. Resolves to the status it had reached. */
    cycle: (until: Until) => Promise<string>
  }
}

function Status({ onStatus }: { onStatus: (status: string) => void }) {
  onStatus(useLLM().status)
  return null
}

const order = ['idle', 'downloading', 'loading', 'ready']

window.cycle = async (until) => {
  const root = createRoot(document.getElementById('root') as HTMLElement)
  let reached = 'idle'
  await new Promise<void>((resolve, reject) => {
    const onStatus = (status: string) => {
      reached = status
      if (status === 'error' || status === 'unsupported') reject(new Error(`The model is ${status}`))
      if (until === 'mounted' || order.indexOf(status) >= order.indexOf(until)) resolve()
    }
    root.render(
      <StrictMode>
        <LLMProvider config={{ models: { onnx: '/models/smollm2-tiny' }, device: 'wasm', load: 'eager' }}>
          <Status onStatus={onStatus} />
        </LLMProvider>
      </StrictMode>,
    )
  })
  root.unmount()
  return reached
}
