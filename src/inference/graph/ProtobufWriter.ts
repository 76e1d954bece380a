import type { ProtobufField } from '../../models/index.js'

/**
 * Writes one protobuf message, field by field.
 * See https://protobuf.dev/programming-guides/encoding/.
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #size = 0

  /** A whole number, as a varint. */
  integer(field: number, value: number): this {
    return this.#tag(field, 0).#varint(BigInt.asUintN(64, BigInt(value)))
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#tag(field, 5).#append(bytes)
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  /** Bytes, or a message within this one. They are not copied before {@link finish}. */
  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, 2).#varint(BigInt(value.length)).#append(value)
  }

  message(field: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter()
    write(message)
    return this.bytes(field, message.finish())
  }

  /** A field as a reader gave it. Fixed-size fields do not occur in what is copied here. */
  copy({ number, bytes, value }: ProtobufField): this {
    return bytes ? this.bytes(number, bytes) : this.integer(number, value!)
  }

  /** The message. */
  finish(): Uint8Array {
    const message = new Uint8Array(this.#size)
    let at = 0
    for (const part of this.#parts) {
      message.set(part, at)
      at += part.length
    }
    return message
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(BigInt(field * 8 + wireType))
  }

  #varint(value: bigint): this {
    const bytes: number[] = []
    let rest = value
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    return this.#append(Uint8Array.from(bytes))
  }

  #append(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#size += bytes.length
    return this
  }
}
