import { Random } from '../../../src/inference/sampling/Random.js'

/** A model's files by path. */
export type Files = Readonly<Record<string, Uint8Array>>

const texts = ['', ' ', '../../../etc/passwd', '//evil.example/x', 'data:,x', '\u0000', '\ud800', 'x'.repeat(70_000), '{{', '__proto__']
const numbers = [0, -1, 0.5, 1, 255, 2 ** 31, 2 ** 32, 1e12, 2 ** 53, -(2 ** 53), 1e308]
const varints = [0x00, 0x01, 0x7f, 0x80, 0xff]

/** Damages files in ways that are the same for the same seed. */
export class Mutations {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** A copy of a model in which one to three things are wrong, and what they are. */
  apply(files: Files): { files: Files; what: string } {
    const copy: Record<string, Uint8Array> = { ...files }
    const what: string[] = []
    for (let left = 1 + this.#below(3); left > 0; left--) {
      const path = this.#pick(Object.keys(files))
      copy[path] = path.endsWith('.onnx') ? this.#bytes(copy[path]!) : this.#below(5) === 0 ? this.#bytes(copy[path]!) : this.#text(path, copy[path]!)
      what.push(path)
    }
    return { files: copy, what: what.join(' + ') }
  }

  #text(path: string, bytes: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(bytes)
    if (!path.endsWith('.json')) return encode(this.#spliced(text))
    try {
      const value: unknown = JSON.parse(text)
      this.#change(value)
      // Numbers beyond what JavaScript has.
      return encode(JSON.stringify(value).replaceAll('1e+308', '1e999'))
    } catch {
      return bytes
    }
  }

  /** Changes one value somewhere inside of another. */
  #change(root: unknown): void {
    let parent = root as Record<string, unknown>
    for (;;) {
      const keys = Object.keys(parent)
      const key = this.#pick(keys)
      if (key === undefined) return
      const child = parent[key]
      if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && this.#below(4) > 0) parent = child as Record<string, unknown>
      else {
        if (this.#below(4) === 0) Reflect.deleteProperty(parent, key)
        else Object.defineProperty(parent, this.#below(8) === 0 ? '__proto__' : key, { value: this.#value(), enumerable: true, configurable: true, writable: true })
        return
      }
    }
  }

  #value(): unknown {
    const nested = (depth: number): unknown => (depth === 0 ? [] : { a: [nested(depth - 1)] })
    const makers = [
      () => this.#pick(numbers),
      () => this.#pick(numbers),
      () => this.#pick(texts),
      () => null,
      () => true,
      () => [],
      () => ({}),
      () => [this.#pick(texts), this.#pick(numbers)],
      () => ({ type: this.#pick(texts), constructor: { prototype: { polluted: true } } }),
      () => nested(100),
    ]
    return this.#pick(makers)()
  }

  /** Template syntax in the middle of a text. */
  #spliced(text: string): string {
    const at = this.#below(text.length + 1)
    const pieces = ['{% for i in range(99999) %}', '{% endfor %}', '{{ x * 10 }}', '{% set s = s ~ s %}', '{{ messages | tojson(indent=9999) }}', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', '{{', '%}', "'"]
    return text.slice(0, at) + this.#pick(pieces) + text.slice(at + this.#below(8))
  }

  /** Flipped, cut, doubled or overwritten bytes. */
  #bytes(bytes: Uint8Array): Uint8Array {
    const at = this.#below(bytes.length)
    switch (this.#below(5)) {
      case 0:
        return bytes.slice(0, at)
      case 1:
        return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - 40))])
      case 2:
        return bytes.with(at, this.#pick(varints))
      case 3: {
        // A length or shape that means terabytes.
        const copy = bytes.slice()
        copy.fill(0xff, at, at + 6)
        return copy
      }
      default:
        return bytes.map((byte) => (this.#below(400) === 0 ? byte ^ (1 << this.#below(8)) : byte))
    }
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
