import { LLMError } from '../../errors/index.js'

/** How a tokenizer's vocabulary spells bytes. */
export type TokenSpelling =
  /** Each character stands for one byte (GPT-2's table). */
  | { kind: 'byte-level' }
  /** Plain text with a stand-in for the space; single bytes as `<0xHH>`. */
  | { kind: 'byte-fallback'; space: string; stripStart: boolean }

const encoder = new TextEncoder()

/** The bytes of a vocabulary token as `spelling` writes it. */
export function tokenBytes(token: string, spelling: TokenSpelling, byteTable: ReadonlyMap<string, number>): Uint8Array {
  if (spelling.kind === 'byte-level') {
    const bytes: number[] = []
    for (const character of token) {
      const byte = byteTable.get(character)
      if (byte === undefined) return encoder.encode(token)
      bytes.push(byte)
    }
    return Uint8Array.from(bytes)
  }
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)
  if (byte) return Uint8Array.of(Number.parseInt(byte[1]!, 16))
  return encoder.encode(token.replaceAll(spelling.space, ' '))
}

/**
 * GPT-2's table from characters to bytes: printable Latin-1 stands for itself, the other bytes
 * for the characters from U+0100 on, in order.
 */
export function byteLevelTable(): Map<string, number> {
  const table = new Map<string, number>()
  let substitute = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    table.set(String.fromCodePoint(printable ? byte : substitute++), byte)
  }
  return table
}

interface DecoderJSON {
  type?: string
  decoders?: DecoderJSON[]
  pattern?: { String?: string }
  content?: string
  replacement?: string
  start?: number
}

/**
 * Reads the spelling from the `decoder` of a `tokenizer.json`.
 * @throws LLMError `unsupported-architecture` for decoders that no decoder-only model uses.
 */
export function readSpelling(decoder: unknown): TokenSpelling {
  const json = (decoder ?? {}) as DecoderJSON
  const steps = json.type === 'Sequence' ? (json.decoders ?? []) : [json]
  const step = (type: string) => steps.find((candidate) => candidate.type === type)
  if (step('ByteLevel')) return { kind: 'byte-level' }
  const metaspace = step('Metaspace')
  if (metaspace) return { kind: 'byte-fallback', space: metaspace.replacement ?? '▁', stripStart: true }
  const replace = step('Replace')
  if (replace && replace.content === ' ' && replace.pattern?.String) {
    return { kind: 'byte-fallback', space: replace.pattern.String, stripStart: (step('Strip')?.start ?? 0) > 0 }
  }
  throw new LLMError({
    code: 'unsupported-architecture',
    subject: 'tokenizer.json',
    message:
      `tokenizer.json has the decoder "${json.type ?? 'none'}", which cannot be streamed. ` +
      'Use a model with a ByteLevel, Metaspace or byte-fallback tokenizer.',
  })
}
