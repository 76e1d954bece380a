import { describe, expect, it } from 'vitest'
import { withMemoryImport } from './memoryImport.js'

/** `(import "env" "barrier" (func)) (import "env" "memory" (memory 1 …)) (func (export "size") (result i32) memory.size)`; limits as given. */
function moduleWith(limits: number[]): Uint8Array {
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)]
  const section = (id: number, content: number[]) => [id, content.length, ...content]
  return Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(0, [...text('note'), 1, 2, 3]),
    ...section(1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]),
    ...section(2, [2, ...text('env'), ...text('barrier'), 0, 0, ...text('env'), ...text('memory'), 2, ...limits]),
    ...section(3, [1, 1]),
    ...section(7, [1, ...text('size'), 0, 1]),
    ...section(10, [1, 4, 0, 0x3f, 0, 0x0b]),
  ])
}

const barrier = () => undefined

describe('withMemoryImport', () => {
  it.each([
    ['a minimum', [0, 1]],
    ['a maximum', [1, 1, 0x80, 0x80, 0x04]],
    ['a shared memory', [3, 1, 0x80, 0x80, 0x04]],
  ])('takes shared memories and others where the module told %s', async (_name, limits) => {
    for (const shared of [true, false]) {
      const patched = await WebAssembly.compile(withMemoryImport(moduleWith(limits), shared))
      const memory = new WebAssembly.Memory({ initial: 3, maximum: 300, shared })
      const { exports } = await WebAssembly.instantiate(patched, { env: { memory, barrier } })
      expect((exports.size as () => number)()).toBe(3)
      const other = new WebAssembly.Memory({ initial: 3, maximum: 300, shared: !shared })
      await expect(WebAssembly.instantiate(patched, { env: { memory: other, barrier } })).rejects.toThrow(WebAssembly.LinkError)
    }
  })

  it('refuses what is no module with a memory to import', () => {
    const whole = moduleWith([0, 1])
    expect(() => withMemoryImport(new Uint8Array(), true)).toThrow(RangeError)
    expect(() => withMemoryImport(whole.subarray(0, 8), true)).toThrow(RangeError)
    expect(() => withMemoryImport(whole.subarray(0, 40), true)).toThrow(RangeError)
  })
})
