// Real browsers for end-to-end tests, behind one small interface.
import { openPuppeteer } from './puppeteer.js'
import type { BrowserName, DrivenBrowser } from './types.js'
import { openWebKit } from './webdriver.js'

export { openPuppeteer } from './puppeteer.js'
export type { PuppeteerBrowser } from './puppeteer.js'
export type { BrowserName, DrivenBrowser, Target } from './types.js'

/** Starts a browser with one empty page. */
export function openBrowser(name: BrowserName): Promise<DrivenBrowser> {
  return name === 'webkit' ? openWebKit() : openPuppeteer(name)
}
