import { readOnnxGraph } from '../../../models/index.js'
import type { WrittenModel } from '../../graph/writeModel.js'

// The type library of this project's language level does not know it yet.
interface ResizableBuffer extends ArrayBuffer {
  readonly resizable: boolean
  resize(bytes: number): void
}

/** Smaller files are not worth it. */
const smallFile = 2 ** 20
/** Smaller tensors stay: fusions may look at them before they are copied. */
const smallTensor = 2 ** 16

/** Memory for a file that may be drained, where the browser has such; else any. */
export function drainable(size: number): Uint8Array {
  const canResize = size >= smallFile && 'resize' in ArrayBuffer.prototype
  return new Uint8Array(canResize ? resizable(size) : new ArrayBuffer(size))
}

/**
 * A model whose weights give their memory back as they are read: ONNX Runtime makes a copy of each tensor, and file and
 * copies together would be twice the model. Its files cannot be read otherwise from now on.
 * @param model with its weights in external files; those in {@link drainable} memory are drained.
 */
export function drained(model: WrittenModel): WrittenModel {
  const { nodes, tensors } = readOnnxGraph('graph', model.bytes)
  const users = new Map<string, number>()
  for (const input of nodes.flatMap(({ inputs }) => inputs)) users.set(input, (users.get(input) ?? 0) + 1)
  const externalData = model.externalData.map(({ path, bytes }) => {
    const pieces = [...tensors.values()].flatMap(({ name, place }) =>
      place?.file === path ? [{ offset: place.offset, length: place.length, once: place.length >= smallTensor && users.get(name) === 1 }] : [],
    )
    return { path, bytes: DrainedFile.over(bytes, pieces) ?? bytes }
  })
  return { ...model, externalData }
}

interface Piece {
  offset: number
  length: number
  /** Whether it goes with the first reading; else it stays for as long as the file. */
  once: boolean
}

/**
 * Looks to ONNX Runtime Web like the array of a file: that asks for `byteLength`, and for one `subarray` a tensor, which it
 * copies at once.
 */
export class DrainedFile extends Uint8Array {
  readonly #size: number
  readonly #pieces = new Map<number, Piece & { buffer: ResizableBuffer; isSpent: boolean }>()
  #last: { buffer: ResizableBuffer; isSpent: boolean } | undefined
  #wasMissed = false

  private constructor(buffer: ResizableBuffer, pieces: readonly Piece[]) {
    super(0)
    this.#size = buffer.byteLength
    // From the end, where the file can give back what has been taken from it.
    for (const piece of pieces.toReversed()) {
      const own = resizable(piece.length)
      new Uint8Array(own).set(new Uint8Array(buffer, piece.offset, piece.length))
      this.#pieces.set(piece.offset, { ...piece, buffer: own, isSpent: false })
      buffer.resize(piece.offset)
    }
    buffer.resize(0)
  }

  /** Undefined for memory that cannot shrink, and for pieces that overlap: then the file is left as it was. */
  static over(file: Uint8Array, pieces: readonly Piece[]): DrainedFile | undefined {
    const buffer = file.buffer as ResizableBuffer
    const isWhole = file.byteOffset === 0 && file.byteLength === buffer.byteLength
    if (buffer.resizable !== true || !isWhole || pieces.length === 0) return undefined
    const inOrder = pieces.toSorted((a, b) => a.offset - b.offset)
    const fits = inOrder.every(({ offset, length }, i) => offset + length <= (inOrder[i + 1]?.offset ?? file.byteLength))
    return fits ? new DrainedFile(buffer, inOrder) : undefined
  }

  /** Whether something was asked for that was not there any more. */
  get wasMissed(): boolean {
    return this.#wasMissed
  }

  override get byteLength(): number {
    return this.#size
  }

  /** @throws RangeError for what is no tensor, or was read before. */
  override subarray(begin = 0, end = this.#size): Uint8Array<ArrayBuffer> {
    if (this.#last) {
      this.#last.buffer.resize(0)
      this.#last.isSpent = true
      this.#last = undefined
    }
    const piece = this.#pieces.get(begin)
    if (piece?.length !== end - begin || piece.isSpent) {
      this.#wasMissed = true
      throw new RangeError(`${begin} to ${end} is not there any more`)
    }
    if (piece.once) this.#last = piece
    return new Uint8Array(piece.buffer)
  }
}

function resizable(size: number): ResizableBuffer {
  const make = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => ResizableBuffer
  return new make(size, { maxByteLength: size })
}
