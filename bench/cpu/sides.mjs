// The engines that are compared, each at its fastest on a CPU with the same weights.
import { Missing } from '../../scripts/lib/step.mjs'

const setups = {
  /** Our SIMD core. */
  ours: { loader: 'engine', setup: { dtype: 'q4', cpuBackend: 'simd' } },
  /** Our own loop on ONNX Runtime. */
  'ours-ort': { loader: 'engine', setup: { dtype: 'q8', cpuBackend: 'onnxruntime' } },
  transformers: { loader: 'transformers', setup: { dtype: 'q8' } },
  wllama: { loader: 'wllama', setup: {} },
}

export const sideNames = Object.keys(setups)

/**
 * @param {readonly string[]} names ours among them, as all are compared with it
 * @param {Partial<import('../page/main.js').Setup>} common
 * @returns {Record<string, import('../rounds.mjs').SideSetup>}
 * @throws {Missing} for a name that there is not
 */
export function sidesOf(names, common) {
  const unknown = names.find((name) => !sideNames.includes(name))
  if (unknown !== undefined) throw new Missing(`There is no side ${unknown}, only ${sideNames.join(', ')}.`)
  const wanted = sideNames.filter((name) => name === 'ours' || names.includes(name))
  return Object.fromEntries(wanted.map((name) => [name, { ...setups[name], setup: { device: 'wasm', ...common, ...setups[name].setup } }]))
}
