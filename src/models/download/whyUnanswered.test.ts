import { afterEach, describe, expect, it, vi } from 'vitest'
import { TransientFailure } from './TransientFailure.js'
import { whyUnanswered } from './whyUnanswered.js'
import type { FetchLike } from '../types.js'

const blocked = new TypeError('Failed to fetch')
const opaque: FetchLike = () => Promise.resolve(new Response())
const silent: FetchLike = () => Promise.reject(blocked)
const url = 'https://models.example/m/config.json'

function onPage(origin: string | undefined): void {
  vi.stubGlobal('location', origin === undefined ? undefined : { origin })
}

afterEach(() => vi.unstubAllGlobals())

async function codeOf(at: string, fetch: FetchLike, isKnown = false): Promise<{ code: string; isTransient: boolean; recoverable: boolean }> {
  const failure = await whyUnanswered(at, blocked, isKnown, fetch)
  const { code, recoverable } = (failure instanceof TransientFailure ? failure.error : failure) as unknown as { code: string; recoverable: boolean }
  return { code, recoverable, isTransient: failure instanceof TransientFailure }
}

describe('a request that fetch rejected', () => {
  it('is CORS where the server answers what needs none', async () => {
    onPage('https://app.example')
    const asked: RequestInit[] = []
    const fetch: FetchLike = (_url, init = {}) => (asked.push(init), opaque(url))
    expect(await codeOf(url, fetch)).toEqual({ code: 'cors-blocked', isTransient: true, recoverable: false })
    // Nothing of the model, and nothing about the user.
    expect(asked).toEqual([expect.objectContaining({ method: 'HEAD', mode: 'no-cors', credentials: 'omit' })])
  })

  it('is the network where nobody answers, and where the same URL answered before', async () => {
    onPage('https://app.example')
    expect(await codeOf(url, silent)).toMatchObject({ code: 'network', isTransient: true, recoverable: true })
    expect(await codeOf(url, opaque, true)).toMatchObject({ code: 'network', isTransient: true })
  })

  it('is the network on the page’s own origin and outside of browsers, without another request', async () => {
    const fetch = vi.fn(opaque)
    onPage('https://models.example')
    expect(await codeOf(url, fetch)).toMatchObject({ code: 'network' })
    onPage(undefined)
    expect(await codeOf(url, fetch)).toMatchObject({ code: 'network' })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('is mixed content where a page on https asks for http, at once', async () => {
    onPage('https://app.example')
    expect(await codeOf('http://models.example/m', opaque)).toEqual({ code: 'mixed-content', isTransient: false, recoverable: false })
    onPage('http://app.example')
    expect(await codeOf('http://models.example/m', silent)).toMatchObject({ code: 'network' })
  })
})
