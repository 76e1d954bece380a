import puppeteer, { type ElementHandle, type Page } from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../../../scripts/lib/chromium.mjs'
import { findFirefox } from '../../../scripts/lib/firefox.mjs'
import { describeTarget, findExpression } from './findElement.js'
import type { DrivenBrowser, Target } from './types.js'
import { waitInPage } from './waiting.js'

/** Chromium or Firefox through puppeteer: CDP for the one, WebDriver BiDi for the other. */
export interface PuppeteerBrowser extends DrivenBrowser {
  /** For what only puppeteer can tell: workers, requests. */
  readonly page: Page
}

/** How a browser starts. */
export interface LaunchOptions {
  /** Whether Chromium keeps pages that are left, which automation turns off. Default false. */
  backForwardCache?: boolean
}

async function launch(name: 'chromium' | 'firefox', { backForwardCache = false }: LaunchOptions) {
  if (name === 'chromium') {
    const executablePath = findChromium()
    if (!executablePath) throw new Error('No Chromium found: set CHROME_PATH, or run npm test, which installs one.')
    const ignoreDefaultArgs = backForwardCache ? ['--disable-back-forward-cache'] : []
    return puppeteer.launch({ executablePath, args: chromiumFlags, ignoreDefaultArgs, headless: true, protocolTimeout: 600_000 })
  }
  const executablePath = findFirefox()
  if (!executablePath) throw new Error('No Firefox found: set FIREFOX_PATH, or run npm test, which installs one.')
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: 600_000 })
}

export async function openPuppeteer(name: 'chromium' | 'firefox', options: LaunchOptions = {}): Promise<PuppeteerBrowser> {
  const browser = await launch(name, options)
  const page = await browser.newPage()
  await page.setViewport({ width: 1000, height: 900 })

  const find = async (target: Target): Promise<ElementHandle<Element>> => {
    const handle = await page.evaluateHandle(`${findExpression(target)}?.element`)
    const element = handle.asElement() as ElementHandle<Element> | null
    if (!element) throw new Error(`${name}: no ${describeTarget(target)} on the page`)
    return element
  }
  const evaluate = <T>(expression: string) => page.evaluate(expression) as Promise<T>
  const text = () => evaluate<string>('document.body.innerText')

  return {
    name,
    page,
    goto: async (url) => void (await page.goto(url)),
    fill: async (target, value) => (await find(target)).type(value),
    click: async (target) => (await find(target)).click(),
    nameOf: (target) => evaluate(`${findExpression(target)}?.text`),
    text,
    evaluate,
    waitFor: (expression, timeoutMs) => waitInPage({ name, evaluate, text }, expression, timeoutMs),
    screenshot: async (file) => void (await page.screenshot({ path: file as `${string}.png` })),
    close: () => browser.close(),
  }
}
