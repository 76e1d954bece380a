import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { LLMProvider, tool, useFunctionCalling, useLLM } from 'react-edge-llm'

declare global {
  interface Window {
    /** Mounts a provider that loads when the page is idle; resolves to the statuses it goes through until `ready`. */
    mount: () => Promise<string[]>
    /** Sends a message; resolves to what the square's tool was called with so far. */
    say: (text: string) => Promise<unknown[]>
  }
}

const called: unknown[] = []

const paint = tool({
  name: 'set_square_color',
  description: 'Change the color of the square',
  inputSchema: { type: 'object', properties: { color: { type: 'string', enum: ['red', 'green', 'blue'] } }, required: ['color'] },
  execute(input) {
    called.push(input)
    return { done: true }
  },
})

function App({ onStatus }: { onStatus: (status: string) => void }) {
  const { status } = useLLM()
  const { sendMessage, messages } = useFunctionCalling({ tools: [paint], maxSteps: 1, onDoubt: 'execute' })
  useEffect(() => onStatus(status), [status, onStatus])
  useEffect(() => {
    window.say = async (text) => {
      await sendMessage({ text })
      return called
    }
  }, [sendMessage])
  return (
    <p>
      {status}, {messages.length} messages
    </p>
  )
}

window.mount = () =>
  new Promise((resolve, reject) => {
    const statuses: string[] = []
    const onStatus = (status: string) => {
      if (statuses.at(-1) !== status) statuses.push(status)
      if (status === 'ready') resolve(statuses)
      if (status === 'error' || status === 'unsupported') reject(new Error(`The model is ${status}`))
    }
    // Idle callbacks run in turn: nothing may have begun before this one.
    requestIdleCallback(() => statuses.push('page is idle'))
    const config = { models: { onnx: '/models/function-caller' }, device: 'wasm', load: 'idle' } as const
    createRoot(document.getElementById('root') as HTMLElement).render(
      <LLMProvider config={config}>
        <App onStatus={onStatus} />
      </LLMProvider>,
    )
  })
