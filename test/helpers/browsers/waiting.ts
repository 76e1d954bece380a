import type { DrivenBrowser } from './types.js'

/** Polls `expression` in the page until it is truthy. */
export async function waitInPage(
  page: Pick<DrivenBrowser, 'evaluate' | 'text' | 'name'>,
  expression: string,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > deadline) {
      throw new Error(`${page.name}: not true within ${timeoutMs / 1000} s: ${expression}\nThe page says:\n${await page.text()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
