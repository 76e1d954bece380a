import { existsSync } from 'node:fs'
import path from 'node:path'
import type { DrivenBrowser } from './browsers/index.js'
import { startServer, type ServerOptions, type TestServer } from './server/startServer.js'

const root = path.resolve(import.meta.dirname, '../..')
const dist = path.join(root, 'examples/square-color/dist')

/**
 * Serves the built example and the models beside it. Without its service worker, so that every request is the
 * page's own and comes from the server.
 */
export async function serveSquareColor({ overrides, ...options }: Omit<ServerOptions, 'folders'> = {}): Promise<TestServer> {
  return startServer({
    folders: { '/': builtExample(), '/models/': path.join(root, 'models') },
    overrides: { '/sw.js': (_request, response) => void response.writeHead(404).end(), ...overrides },
    ...options,
  })
}

/** Serves what the example's build made and nothing else, service worker and model included. */
export async function serveInstallable(options: Pick<ServerOptions, 'overrides'> = {}): Promise<TestServer> {
  return startServer({ folders: { '/': builtExample() }, isolated: true, ...options })
}

/** Folder of the built example. */
export function builtExample(): string {
  if (!existsSync(path.join(dist, 'index.html'))) throw new Error('The example is not built: npm test -- --only e2e builds it.')
  return dist
}

const chatStatus = `document.querySelector('.edge-llm-chat')?.dataset.status`
const modelStatus = `document.querySelector('.edge-llm-status')?.dataset.status`
const answers = `document.querySelectorAll('article[data-role="assistant"]')`

/** One finished turn as the page shows it. */
export interface Turn {
  /** Text of the assistant's messages, tool cards included. */
  text: string
  /** Calls in order; the state of a card is `output-available` or `output-error` in the end, its text has the arguments. */
  calls: { name: string; state: string; text: string }[]
  /** Accessible name of the square afterwards, such as `red square`. */
  square: string | undefined
  /** `ready`, `error`, or `awaiting-approval` where the app asks whether a call may run. */
  status: string
  alerts: string[]
  milliseconds: number
}

/** Waits until the model is ready; a failed load ends with the page's words for it. */
export async function waitForModel(page: DrivenBrowser, timeoutMs: number): Promise<void> {
  await page.waitFor(`['ready', 'error', 'unsupported'].includes(${modelStatus})`, timeoutMs)
  const status = await page.evaluate<string>(modelStatus)
  if (status !== 'ready') throw new Error(`${page.name}: the model is ${status}:\n${await page.text()}`)
}

export interface AskOptions {
  /** Presses Stop as soon as the answer has this many characters. */
  stopAfter?: number
}

/** Sends one message and waits until the turn has ended. */
export async function ask(
  page: DrivenBrowser,
  sentence: string,
  timeoutMs: number,
  { stopAfter }: AskOptions = {},
): Promise<Turn> {
  const before = await page.evaluate<number>(`${answers}.length`)
  const started = performance.now()
  await page.fill({ role: 'textbox', name: 'Message' }, sentence)
  await page.click({ role: 'button', name: 'Send' })
  if (stopAfter !== undefined) {
    await page.waitFor(`${chatStatus} === 'error' || ${answers}[${before}]?.innerText.trim().length >= ${stopAfter}`, timeoutMs)
    await page.click({ role: 'button', name: 'Stop' })
  }
  const ended = `['error', 'awaiting-approval'].includes(${chatStatus})`
  await page.waitFor(`${ended} || (${chatStatus} === 'ready' && ${answers}.length > ${before})`, timeoutMs)
  const added = `Array.from(${answers}).slice(${before})`
  return {
    text: await page.evaluate(`${added}.map((answer) => answer.innerText).join('\\n')`),
    calls: await page.evaluate(
      `${added}.flatMap((answer) => Array.from(answer.querySelectorAll('.edge-llm-tool'), (card) => ({
        name: card.querySelector('.edge-llm-tool-name').textContent, state: card.dataset.state, text: card.innerText })))`,
    ),
    square: await page.nameOf({ role: 'img', name: /square/ }),
    status: await page.evaluate(chatStatus),
    alerts: await page.evaluate(`Array.from(document.querySelectorAll('[role=alert]'), (alert) => alert.innerText)`),
    milliseconds: performance.now() - started,
  }
}
