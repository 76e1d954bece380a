// The page that sides run in: built, served and opened in a browser of its own.
import path from 'node:path'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../scripts/lib/chromium.mjs'
import { root } from '../scripts/lib/paths.mjs'

/**
 * Builds a folder of `bench` that holds an `index.html`. The package it imports is this checkout's build.
 * With `BENCH_BUILT` in the environment, the page of the last time is taken: for machines without packages.
 * @param {string} name
 * @returns {Promise<string>} where the page is
 */
export async function buildPage(name) {
  const outDir = path.join(root, '.cache/bench', name)
  if (process.env.BENCH_BUILT) return outDir
  const { build } = await import('vite')
  await build({
    root: path.join(import.meta.dirname, name),
    configFile: false,
    // A page may be served below another one.
    base: './',
    logLevel: 'error',
    resolve: { alias: { 'react-edge-llm/engine': path.join(root, 'dist/engine/index.js') } },
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'esnext' },
  })
  return outDir
}

/** Where a side runs and begins to load at once. @param {string} url @param {import('./rounds.mjs').SideSetup} side */
export function sideURL(url, side) {
  return `${url}#${encodeURIComponent(JSON.stringify(side))}`
}

/**
 * Opens a browser for as long as `work` takes. It gets a function that opens a page, alone in the browser, for as long
 * as its own work takes.
 * @template T
 * @param {(withPage: WithPage, browser: import('puppeteer-core').Browser) => Promise<T>} work
 * @param {{ args?: string[] }} [options] flags of the browser
 * @returns {Promise<T>}
 * @typedef {<T>(url: string, work: (page: import('puppeteer-core').Page) => Promise<T>) => Promise<T>} WithPage
 */
export async function inFreshPages(work, { args = chromiumFlags } = {}) {
  const browser = await puppeteer.launch({ executablePath: findChromium(), args, protocolTimeout: 900_000 })
  try {
    return await work(async (url, inPage) => {
      const page = await browser.newPage()
      try {
        page.on('pageerror', (error) => console.error(error))
        await page.goto(url)
        await page.waitForFunction('window.bench ?? window.ready')
        return await inPage(page)
      } finally {
        // A browser that has died said so already.
        await page.close().catch(() => undefined)
      }
    }, browser)
  } finally {
    await browser.close()
  }
}

/**
 * Opens a page in a fresh browser for as long as `work` takes.
 * @template T
 * @param {string} url
 * @param {(page: import('puppeteer-core').Page, browser: import('puppeteer-core').Browser) => Promise<T>} work
 * @returns {Promise<T>}
 */
export function inFreshPage(url, work) {
  return inFreshPages((withPage, browser) => withPage(url, (page) => work(page, browser)))
}
