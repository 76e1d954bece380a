import type { BrowserCommand } from 'vitest/node'

/** What a request gets in place of the server's answer. */
export interface ReplacedResponse {
  status: number
  body: string
}

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Answers requests to URLs that fit a glob, those of workers too, until it is called without a response. */
    replaceResponses(glob: string, response: ReplacedResponse | undefined): Promise<void>
  }
}

/** Faults of a server, for browser tests. */
export const replaceResponses: BrowserCommand<[glob: string, response: ReplacedResponse | undefined]> = async ({ context }, glob, response) => {
  await context.unroute(glob)
  if (response) await context.route(glob, (route) => route.fulfill(response))
}
