import type { CoreExports } from './CoreModule.js'
import type { CoreMemory } from './CoreMemory.js'
import type { FilePlace, LayerPlan, MatrixPlan, ModelPlan, RotaryPlan, VectorPlace } from './ModelPlan.js'
import { layerStruct, matrixStruct, modelStruct, rotaryStruct, sizeOf, writeStruct, type Struct } from './structs.js'

/**
 * Writes a plan into the core's memory as its structs. Vectors of 16-bit floats are converted;
 * everything else stays in the files.
 * @param files addresses of the model's files, whose bytes are there already.
 * @returns the address of the core's `ModelPlan`.
 * @throws LLMError `out-of-memory`
 */
export function writePlan(core: CoreExports, memory: CoreMemory, plan: ModelPlan, files: readonly number[]): number {
  return new PlanWriter(core, memory, files).model(plan)
}

class PlanWriter {
  readonly #core: CoreExports
  readonly #memory: CoreMemory
  readonly #files: readonly number[]
  readonly #rotaries = new Map<string, number>()
  readonly #vectors = new Map<string, number>()

  constructor(core: CoreExports, memory: CoreMemory, files: readonly number[]) {
    this.#core = core
    this.#memory = memory
    this.#files = files
  }

  model(plan: ModelPlan): number {
    const layers = plan.layers.map((layer) => this.#layer(layer))
    return this.#write(modelStruct, {
      ...numbers(plan),
      layerCount: layers.length,
      gateKind: plan.gate === 'silu' ? 0 : 1,
      embedding: this.#matrix(plan.embedding),
      head: this.#matrix(plan.head),
      finalNorm: this.#vector(plan.finalNorm),
      layers: this.#table(layers),
      rotaries: this.#table([...this.#rotaries.values()]),
      rotaryCount: this.#rotaries.size,
    })
  }

  #layer(layer: LayerPlan): number {
    return this.#write(layerStruct, {
      inputNorm: this.#vector(layer.inputNorm),
      query: this.#matrix(layer.query),
      key: this.#matrix(layer.key),
      value: this.#matrix(layer.value),
      output: this.#matrix(layer.output),
      queryNorm: this.#vector(layer.queryNorm),
      keyNorm: this.#vector(layer.keyNorm),
      postAttentionNorm: this.#vector(layer.postAttentionNorm),
      mlpNorm: this.#vector(layer.mlpNorm),
      gate: this.#matrix(layer.gate),
      up: this.#matrix(layer.up),
      down: this.#matrix(layer.down),
      postMlpNorm: this.#vector(layer.postMlpNorm),
      window: layer.window,
      rotary: this.#rotary(layer.rotary),
    })
  }

  #matrix(matrix: MatrixPlan): number {
    const { rows, columns, bits, block, scaleBits } = matrix
    return this.#write(matrixStruct, {
      rows,
      columns,
      bits,
      block,
      scaleBits,
      weights: this.#address(matrix.weights),
      scales: this.#address(matrix.scales),
      zeroPoints: this.#address(matrix.zeroPoints),
      bias: this.#vector(matrix.bias),
    })
  }

  #rotary(rotary: RotaryPlan): number {
    const key = JSON.stringify(rotary)
    const known = this.#rotaries.get(key)
    if (known !== undefined) return known
    const { dimensions, interleaved, theta, factor, llama3 } = rotary
    const address = this.#write(rotaryStruct, {
      dimensions,
      interleaved: interleaved ? 1 : 0,
      theta,
      factor,
      llama3Factor: llama3?.factor ?? 0,
      lowFrequencyFactor: llama3?.lowFrequencyFactor ?? 0,
      highFrequencyFactor: llama3?.highFrequencyFactor ?? 0,
      originalContext: llama3?.originalContext ?? 0,
      frequencies: this.#memory.allocate(2 * dimensions),
      index: this.#rotaries.size,
    })
    this.#rotaries.set(key, address)
    return address
  }

  #vector(vector: VectorPlace | undefined): number {
    if (!vector) return 0
    const address = this.#address(vector)
    if (vector.bits === 32) return address
    const key = `${address}:${vector.length}`
    let floats = this.#vectors.get(key)
    if (floats === undefined) {
      floats = this.#memory.allocate(4 * vector.length)
      this.#core.halvesToFloats(address, floats, vector.length)
      this.#vectors.set(key, floats)
    }
    return floats
  }

  #address(place: FilePlace | undefined): number {
    return place ? this.#files[place.file]! + place.offset : 0
  }

  #table(addresses: readonly number[]): number {
    const table = this.#memory.allocate(4 * addresses.length)
    this.#memory.integers(table, addresses.length).set(addresses)
    return table
  }

  #write<S extends Struct>(struct: S, values: Readonly<Partial<Record<keyof S, number>>>): number {
    const address = this.#memory.allocate(sizeOf(struct))
    writeStruct(this.#memory.memory.buffer, address, struct, values)
    return address
  }
}

/** The plan's plain numbers, which have the same names in the core. */
function numbers(plan: ModelPlan): Partial<Record<keyof typeof modelStruct, number>> {
  return Object.fromEntries(Object.entries(plan).filter(([name, value]) => typeof value === 'number' && name in modelStruct))
}
