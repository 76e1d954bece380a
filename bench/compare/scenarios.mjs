// What is measured: for each scenario, how one side plays it in pages of its own.
import { pageProcessMemory } from '../cpu/processMemory.mjs'
import { sideURL } from '../page.mjs'
import { homeTools, longText, manyTools, question, storyPrompt, toolCallBias, wishes } from './requests.mjs'
import { models, withAndWithout } from './sides.mjs'

/**
 * @typedef {import('../page/main.js').Turn} Turn
 * @typedef {Record<string, any>} Played figures of one side in one round
 * @typedef {object} Stage
 * @property {import('../page.mjs').WithPage} withPage
 * @property {import('puppeteer-core').Browser} browser
 * @property {string} isolated URL of pages that may have threads
 * @property {string} plain URL of pages that may not
 * @property {number} threads
 *
 * @typedef {object} Scenario
 * @property {string} title
 * @property {(sidesWith: import('./sides.mjs').SidesWith, stage: Stage) => Record<string, import('../rounds.mjs').SideSetup>} sides
 * @property {(side: import('../rounds.mjs').SideSetup, stage: Stage) => Promise<Played>} play
 */

const ANSWER_TOKENS = 96
const PROSE_TOKENS = 128

const opened = (page) => page.evaluate(() => window.bench.opened())
const begin = (page, options) => page.evaluate((options) => window.bench.begin(options), options)
/** @returns {Promise<Turn>} */
const send = (page, text) => page.evaluate((text) => window.bench.send(text), text)
const generate = (page, ...args) => page.evaluate((...args) => window.bench.generate(...args), ...args)
const toolChat = (tools) => ({ tools, toolCallBias, maxTokens: ANSWER_TOKENS })

/** Nothing stored by earlier pages, be it by them or by the browser. */
async function emptyStorage({ withPage, isolated }) {
  await withPage(`${isolated}core/`, async (page) => {
    const session = await page.createCDPSession()
    await session.send('Storage.clearDataForOrigin', { origin: new URL(isolated).origin, storageTypes: 'all' })
    await session.send('Network.clearBrowserCache')
  })
}

const fromHub = (url) => ({ hub: `${url}hub/` })

/** @type {Record<string, Scenario>} */
export const scenarios = {
  start: {
    title: 'start: from navigation to a model that is ready',
    sides: (sidesWith, { isolated, threads }) => sidesWith({ model: models.calls, threads, ...fromHub(isolated) }),
    async play(side, stage) {
      await emptyStorage(stage)
      const ready = () => stage.withPage(sideURL(stage.isolated, side), opened)
      const cold = await ready()
      const warm = await ready()
      return { about: cold.about, coldMs: cold.readyMs, warmMs: warm.readyMs }
    },
  },

  turns: {
    title: 'turns with tools',
    sides: (sidesWith, { threads }) => sidesWith({ model: models.calls, threads }),
    play: (side, stage) =>
      stage.withPage(sideURL(stage.isolated, side), async (page) => {
        const { about } = await opened(page)
        await begin(page, toolChat(homeTools()))
        const first = await send(page, wishes.first)
        const second = await send(page, wishes.second)
        const again = await page.evaluate(() => window.bench.regenerate())
        return { about, first, second, again, memory: pageProcessMemory(stage.browser.process().pid) }
      }),
  },

  forty: {
    title: '40 tools',
    sides: (sidesWith, { threads }) => sidesWith({ model: models.calls, threads }),
    play: (side, stage) =>
      stage.withPage(sideURL(stage.isolated, side), async (page) => {
        const { about } = await opened(page)
        await begin(page, toolChat(manyTools(40)))
        return { about, first: await send(page, wishes.forty) }
      }),
  },

  single: {
    title: 'turns with tools, one thread, no headers',
    sides: (sidesWith) => sidesWith({ model: models.calls, threads: 1 }),
    play: (side, stage) =>
      stage.withPage(sideURL(stage.plain, side), async (page) => {
        const { about } = await opened(page)
        await begin(page, toolChat(homeTools()))
        return { about, first: await send(page, wishes.first), second: await send(page, wishes.second) }
      }),
  },

  prose: {
    title: `${PROSE_TOKENS} tokens of prose`,
    sides(sidesWith, { threads }) {
      const sides = sidesWith({ model: models.prose, threads })
      return { ...sides, ...withAndWithout(sides, 'speculation') }
    },
    play: (side, stage) =>
      stage.withPage(sideURL(stage.isolated, side), async (page) => {
        const { about } = await opened(page)
        // Code is still compiled, and what a token costs is still found out.
        await generate(page, storyPrompt(0), 16)
        return { about, answers: [await generate(page, storyPrompt(1), PROSE_TOKENS), await generate(page, storyPrompt(2), PROSE_TOKENS)] }
      }),
  },

  context: {
    title: 'second turn of a chat of 2,000 tokens',
    sides: (sidesWith, { threads }) => sidesWith({ model: models.prose, threads }),
    play: (side, stage) =>
      stage.withPage(sideURL(stage.isolated, side), async (page) => {
        const { about } = await opened(page)
        // What memory grows from.
        const short = await generate(page, storyPrompt(0), 4)
        await begin(page, { maxTokens: 16 })
        const first = await send(page, longText)
        return { about, short, first, second: await send(page, question), memory: pageProcessMemory(stage.browser.process().pid) }
      }),
  },

  reload: {
    title: 'first turn after the page was loaded anew',
    sides: (sidesWith, { isolated, threads }) => withAndWithout(sidesWith({ model: models.calls, threads, ...fromHub(isolated) }), 'persistence'),
    async play(side, stage) {
      await emptyStorage(stage)
      const firstTurn = () =>
        stage.withPage(sideURL(stage.isolated, side), async (page) => {
          const { about } = await opened(page)
          await begin(page, toolChat(homeTools()))
          const first = await send(page, wishes.first)
          // What the engine keeps, it keeps after the answer.
          await new Promise((resolve) => setTimeout(resolve, 1000))
          return { about, first }
        })
      await firstTurn()
      return firstTurn()
    },
  },
}
