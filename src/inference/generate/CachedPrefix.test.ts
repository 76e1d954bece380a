import { expect, it } from 'vitest'
import { CachedPrefix } from './CachedPrefix.js'

const tokens = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

function prefixOf(prompt: number[], chunk = 4): CachedPrefix {
  const prefix = new CachedPrefix(chunk)
  for (let i = 0; i < prompt.length; i += chunk) prefix.append(prompt.slice(i, i + chunk))
  return prefix
}

it('reuses whole chunks of the common prefix', () => {
  const prefix = prefixOf(tokens(10))
  expect(prefix.reusable([...tokens(9), 99])).toBe(8)
  expect(prefix.reusable([...tokens(7), 99, 98])).toBe(4)
  expect(prefix.reusable([99, ...tokens(9)])).toBe(0)
})

it('always leaves a token to feed', () => {
  expect(prefixOf(tokens(8)).reusable(tokens(8))).toBe(4)
  expect(prefixOf(tokens(8)).reusable(tokens(9))).toBe(8)
})

it('does not count a partial chunk, whose keys another run would compute differently', () => {
  expect(prefixOf(tokens(6)).reusable(tokens(20))).toBe(4)
})

it('forgets what was cut', () => {
  const prefix = prefixOf(tokens(12))
  prefix.truncate(4)
  expect(prefix.reusable(tokens(20))).toBe(4)
  prefix.truncate(0)
  expect(prefix.reusable(tokens(20))).toBe(0)
})
