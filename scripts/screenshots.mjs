// Pictures of stories, to look at: node scripts/screenshots.mjs OUT STORYBOOK_URL [STORY_ID[:docs]…] [--dark] [--phone]
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { chromiumFlags, findChromium } from './lib/chromium.mjs'

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const [out, storybook, ...ids] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (!out || !storybook || ids.length === 0) {
  console.error('Usage: node scripts/screenshots.mjs OUT STORYBOOK_URL STORY_ID[:docs]… [--dark] [--phone]')
  process.exit(1)
}

const theme = flags.includes('--dark') ? 'dark' : 'light'
const isPhone = flags.includes('--phone')
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
const page = await browser.newPage({
  viewport: isPhone ? { width: 390, height: 844 } : { width: 1100, height: 760 },
  colorScheme: theme,
  hasTouch: isPhone,
})
page.on('pageerror', (error) => console.error(String(error)))
mkdirSync(out, { recursive: true })

for (const id of ids) {
  const [story, view = 'story'] = id.split(':')
  const url = new URL('iframe.html', storybook)
  url.search = new URLSearchParams({ id: `${story}${view === 'docs' ? '--docs' : ''}`, viewMode: view, globals: `theme:${theme}` }).toString()
  await page.goto(url.href)
  await page.waitForSelector(view === 'docs' ? '.sbdocs-preview' : '#storybook-root > *', { timeout: 120_000 })
  // A story with a play function is finished when that is.
  await page.waitForTimeout(1500)
  const file = path.join(out, `${[story, theme, isPhone && 'phone'].filter(Boolean).join('-')}.png`)
  await page.screenshot({ path: file, fullPage: view === 'docs' })
  console.log(file)
}
await browser.close()
