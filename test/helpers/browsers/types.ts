/** An element, named the way a screen reader would. */
export interface Target {
  role: 'textbox' | 'button' | 'img' | 'status' | 'alert'
  /** Accessible name, or a pattern it must match. */
  name?: string | RegExp
}

export type BrowserName = 'chromium' | 'firefox' | 'webkit'

/** One page in one real browser. All waits end with an error that shows the page's text. */
export interface DrivenBrowser {
  readonly name: BrowserName
  goto(url: string): Promise<void>
  /** Types `value` into an empty field. */
  fill(target: Target, value: string): Promise<void>
  click(target: Target): Promise<void>
  /** Accessible name of the element, or undefined where there is none. */
  nameOf(target: Target): Promise<string | undefined>
  /** Visible text of the page. */
  text(): Promise<string>
  /** Value of a JavaScript expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>
  /** Resolves when the JavaScript expression is truthy in the page. */
  waitFor(expression: string, timeoutMs: number): Promise<void>
  screenshot(file: string): Promise<void>
  close(): Promise<void>
}
