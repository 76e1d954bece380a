// A chat that a test talks in, and whose worker it harms. The address has the config.
import type { LLMConfig } from 'react-edge-llm'
import { ChatDriver } from '../turns/ChatDriver.js'

/** How a turn ended, as the user and the app see it. */
export interface Ended {
  status: string
  /** Code and message of the chat's error; null for none. */
  error: string | null
  /** All messages, as `role: text`. */
  messages: string[]
  interrupted: string | null
  model: string
  device: string | null
  deviceReason: string | null
  warnings: string[]
}

/** What a test can do as the user. */
interface User {
  /** Says something and waits for the end of the turn. */
  say(text: string): Promise<Ended>
  /** Says something and waits until the answer has a few words. */
  begin(text: string): Promise<void>
  /** Waits for the end of a turn that {@link User.begin} has begun, and tells of it. */
  ended(): Promise<Ended>
  /** Loads the model; gives the code of its error, null for none. */
  load(): Promise<string | null>
  /** Begins to load, or to answer, and stops after so many milliseconds; gives the status of the model then. */
  cutLoad(ms: number): Promise<string>
  cutAnswer(ms: number): Promise<string>
  unload(): Promise<void>
  /** Bytes of WebAssembly memory after the last answer. */
  memory(): number | undefined
  /** How often the page was frozen, resumed, or came back from the back-forward cache. */
  lifecycle: { frozen: number; resumed: number; restored: number }
}

declare global {
  interface Window {
    user: User
  }
}

const { maxTokens, onnx, transformers, hangTimeout, threads, ...rest } = Object.fromEntries(new URLSearchParams(location.search))
const config = {
  models: { ...(onnx && { onnx }), ...(transformers && { transformers }) },
  ...(hangTimeout && { hangTimeout: Number(hangTimeout) }),
  ...(threads && { threads: Number(threads) }),
  ...rest,
} as LLMConfig
const app = new ChatDriver(config)
await app.open({ maxTokens: Number(maxTokens ?? 64), temperature: 1, seed: 3 })

const isBusy = () => ['submitted', 'streaming'].includes(app.chat.status)

function tell(): Ended {
  const { status, error, messages } = app.chat
  const { status: model, device, deviceReason } = app.model
  return {
    status,
    error: error ? `${error.code}: ${error.message}` : null,
    messages: messages.map(({ role, parts }) => `${role}: ${parts.map((part) => (part.type === 'text' ? part.text : '')).join('')}`),
    interrupted: messages.at(-1)?.metadata?.interrupted ?? null,
    model,
    device: device ?? null,
    deviceReason: deviceReason ?? null,
    warnings: app.model.model?.warnings?.map(({ code }) => code) ?? [],
  }
}

const ended = async () => {
  await app.until(() => !isBusy(), 'the end of the turn')
  return tell()
}

const send = async (text: string, holds: () => boolean) => {
  const { length } = app.chat.messages
  void app.chat.sendMessage({ text })
  await app.until(() => app.chat.messages.length > length && holds(), 'the turn to begin')
}

window.user = {
  ended,
  async say(text) {
    await send(text, () => true)
    return ended()
  },
  begin: (text) => send(text, () => app.chat.messages.at(-1)?.role === 'assistant' && app.text.length > 10),
  load: () => app.model.load().then(() => null, ({ code }: { code: string }) => code),
  unload: () => app.model.unload(),
  async cutLoad(ms) {
    await app.model.load({ signal: AbortSignal.timeout(ms) }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return app.model.status
  },
  async cutAnswer(ms) {
    void app.chat.sendMessage({ text: 'Tell me about the sea' })
    await new Promise((resolve) => setTimeout(resolve, ms))
    app.chat.stop()
    await app.until(() => !isBusy(), 'the stop', 500)
    app.chat.setMessages([])
    return app.model.status
  },
  memory: () => app.model.metrics?.memoryBytes,
  lifecycle: { frozen: 0, resumed: 0, restored: 0 },
}

const { lifecycle } = window.user
document.addEventListener('freeze', () => lifecycle.frozen++)
document.addEventListener('resume', () => lifecycle.resumed++)
window.addEventListener('pageshow', ({ persisted }) => void (persisted && lifecycle.restored++))
