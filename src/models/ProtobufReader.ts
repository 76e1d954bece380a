/** One field of a protobuf message. */
export interface ProtobufField {
  number: number
  /** Content of a length-delimited field, a view on the message; undefined for numbers. */
  bytes: Uint8Array | undefined
  /** A number: varints as signed 64-bit integers, 32 and 64 fixed bits as floats; undefined where there are `bytes`. */
  value: number | undefined
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
      yield this.#content(number, tag % 8)
    }
  }

  /**
   * Reads the bytes as varints, as a packed field holds them.
   * @throws RangeError when the last one ends too early.
   */
  *integers(): Generator<number, void> {
    while (this.#offset < this.#bytes.length) yield this.#integer()
  }

  #content(number: number, wireType: number): ProtobufField {
    switch (wireType) {
      case 0:
        return { number, bytes: undefined, value: this.#integer() }
      case 1:
        return { number, bytes: undefined, value: view(this.#take(8)).getFloat64(0, true) }
      case 2:
        return { number, bytes: this.#take(this.#varint()), value: undefined }
      case 5:
        return { number, bytes: undefined, value: view(this.#take(4)).getFloat32(0, true) }
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

  #integer(): number {
    const start = this.#offset
    const value = this.#varint()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    let exact = 0n
    for (let i = this.#offset - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.#bytes[i]! & 0x7f)
    return Number(BigInt.asIntN(64, exact))
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

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
