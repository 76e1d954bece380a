import { act, cleanup, configure } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { afterEach, beforeEach, expect, vi, type MockInstance } from 'vitest'
import type { LLMConfig } from '../../src/engine/types.js'
import { engines } from './scriptedEngines.js'

export const config: LLMConfig = { models: { onnx: '/models/test' } }

/** In every test of the file: StrictMode, no engines left from the last one, and nothing on the console. */
export function useCleanSlate(): void {
  const spies: MockInstance[] = []
  beforeEach(() => {
    // StrictMode above everything: below a component of the test's own, React rehearses no effects.
    configure({ reactStrictMode: true })
    engines.reset()
    spies.push(vi.spyOn(console, 'error'), vi.spyOn(console, 'warn'))
  })
  afterEach(async () => {
    cleanup()
    configure({ reactStrictMode: false })
    await settle()
    vi.useRealTimers()
    const logged = spies.splice(0).flatMap((spy) => {
      const calls = spy.mock.calls.map((call) => call.join(' '))
      spy.mockRestore()
      return calls
    })
    expect(logged).toEqual([])
  })
}

/** Lets promises, timers of this task and animation frames come round. */
export async function settle(ms = 40): Promise<void> {
  await act(async () => {
    await vi.dynamicImportSettled()
    await (vi.isFakeTimers() ? vi.advanceTimersByTimeAsync(ms) : new Promise((resolve) => setTimeout(resolve, ms)))
  })
}

/** Shows an error's code in place of children that threw. */
export class Boundary extends Component<{ children: ReactNode }, { error?: { code?: string; message: string } }> {
  override state: { error?: { code?: string; message: string } } = {}

  static getDerivedStateFromError(error: { code?: string; message: string }) {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    return error ? <p role="alert">{`${error.code}: ${error.message}`}</p> : this.props.children
  }
}
