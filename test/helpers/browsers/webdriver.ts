import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { findWebKit } from '../../../scripts/lib/webkit.mjs'
import { describeTarget, findExpression } from './findElement.js'
import type { DrivenBrowser, Target } from './types.js'
import { waitInPage } from './waiting.js'

/** Key of an element reference in the WebDriver standard. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

async function call<T>(url: string, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } }
  if (!response.ok) throw new Error(`WebDriver ${method} ${new URL(url).pathname}: ${value.error}: ${value.message}`)
  return value
}

async function untilReady(origin: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(`${origin}/status`, 'GET')
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** WebKitGTK's MiniBrowser through its own WebDriver, on a virtual display. */
export async function openWebKit(): Promise<DrivenBrowser> {
  const programs = findWebKit()
  if (!programs) throw new Error('WebKitGTK is not installed: run npm test, which installs it where it can.')
  const port = await freePort()
  const driver = spawn(programs.xvfb, ['-a', programs.driver, `--port=${port}`], {
    stdio: 'ignore',
    // A process group of its own, so that close() ends the display and the browser with the driver.
    detached: true,
    // Its sandbox needs user namespaces, which containers do not give.
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  })
  const endDriver = () => {
    if (driver.pid !== undefined && driver.exitCode === null) process.kill(-driver.pid, 'SIGTERM')
  }
  const origin = `http://127.0.0.1:${port}`
  let session: string
  try {
    await untilReady(origin)
    const { sessionId } = await call<{ sessionId: string }>(`${origin}/session`, 'POST', {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: 600_000, pageLoad: 120_000 },
          'webkitgtk:browserOptions': { binary: programs.miniBrowser, args: ['--automation'] },
        },
      },
    })
    session = `${origin}/session/${sessionId}`
  } catch (error) {
    endDriver()
    throw error
  }

  const evaluate = <T>(expression: string) =>
    call<T>(`${session}/execute/sync`, 'POST', { script: `return (${expression})`, args: [] })
  const find = async (target: Target): Promise<string> => {
    const element = await evaluate<Record<string, string> | null>(`${findExpression(target)}?.element ?? null`)
    const id = element?.[elementKey]
    if (!id) throw new Error(`webkit: no ${describeTarget(target)} on the page`)
    return `${session}/element/${id}`
  }
  const text = () => evaluate<string>('document.body.innerText')

  return {
    name: 'webkit',
    goto: (url) => call(`${session}/url`, 'POST', { url }),
    fill: async (target, value) => call(`${await find(target)}/value`, 'POST', { text: value }),
    click: async (target) => call(`${await find(target)}/click`, 'POST', {}),
    nameOf: async (target) => (await evaluate<string | null>(`${findExpression(target)}?.text ?? null`)) ?? undefined,
    text,
    evaluate,
    waitFor: (expression, timeoutMs) => waitInPage({ name: 'webkit', evaluate, text }, expression, timeoutMs),
    screenshot: async (file) => writeFile(file, await call<string>(`${session}/screenshot`, 'GET'), 'base64'),
    close: async () => {
      await call(session, 'DELETE').finally(endDriver)
    },
  }
}
