/** One field of a protobuf message. */
export interface ProtobufField {
  number: number
  /** Content of a length-delimited field, a view on the message; undefined for numbers. */
  bytes: Uint8Array | undefined
}

/**
 * Walks over the fields of one protobuf message without knowing its schema and without copying.
 * See https://protobuf.dev/programming-guides/encoding/.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @throws RangeError when the bytes are no message or end too early. */
  *fields(): Generator<ProtobufField, void> {
    while (this.#offset < this.#bytes.length) {
      const tag = this.#varint()
      const number = Math.floor(tag / 8)
      if (number === 0) throw new RangeError('Field number 0')
      yield { number, bytes: this.#content(tag % 8) }
    }
  }

  #content(wireType: number): Uint8Array | undefined {
    switch (wireType) {
      case 0:
        this.#varint()
        return undefined
      case 1:
        this.#take(8)
        return undefined
      case 2:
        return this.#take(this.#varint())
      case 5:
        this.#take(4)
        return undefined
      default:
        throw new RangeError(`Wire type ${wireType}`)
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.#bytes.length) throw new RangeError('The message ends inside a field')
    const taken = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return taken
  }

  // Negative 64-bit numbers lose their low digits here; lengths and tags are small.
  #varint(): number {
    let value = 0
    for (let factor = 1, count = 0; count < 10; factor *= 128, count++) {
      const byte = this.#bytes[this.#offset++]
      if (byte === undefined) throw new RangeError('The message ends inside a number')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new RangeError('A number is too long')
  }
}
