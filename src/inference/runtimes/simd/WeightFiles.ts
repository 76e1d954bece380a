import { LLMError } from '../../../errors/index.js'
import type { ModelFiles, OnnxTensor } from '../../../models/index.js'
import type { FilePlace } from '../../../simd/index.js'
import { Unsupported } from './Unsupported.js'

/** A model's files that hold weights, numbered: the graph is 0, then its external data. */
export class WeightFiles {
  readonly #graph: ModelFiles['graph']

  constructor(graph: ModelFiles['graph']) {
    this.#graph = graph
  }

  /**
   * Where a tensor lies.
   * @throws LLMError `model-corrupt` when its file ends before it does, `external-data-missing` when there is no such file.
   */
  place(tensor: OnnxTensor): FilePlace {
    const { file, bytes } = this.#find(tensor)
    if (tensor.place!.offset + tensor.place!.length > bytes.length) {
      throw new LLMError({
        code: 'model-corrupt',
        subject: tensor.place!.file ?? this.#graph.path,
        message: `${tensor.place!.file ?? this.#graph.path} ends inside of the weights ${tensor.name}. Download or convert the model again.`,
      })
    }
    return { file, offset: tensor.place!.offset }
  }

  /** A tensor's bytes, where they lie. */
  bytes(tensor: OnnxTensor): Uint8Array {
    const { offset } = this.place(tensor)
    return this.#find(tensor).bytes.subarray(offset, offset + tensor.place!.length)
  }

  #find({ name, place }: OnnxTensor): { file: number; bytes: Uint8Array } {
    if (!place) throw new Unsupported(`the weights ${name} are not raw bytes`)
    if (place.file === undefined) return { file: 0, bytes: this.#graph.bytes }
    const index = this.#graph.externalData.findIndex(({ path }) => path === place.file)
    const found = this.#graph.externalData[index]
    if (!found) {
      throw new LLMError({
        code: 'external-data-missing',
        subject: place.file,
        message: `The graph keeps weights in ${place.file}, which was not loaded. Copy it beside the graph, or save the graph as one file.`,
      })
    }
    return { file: index + 1, bytes: found.bytes }
  }
}
