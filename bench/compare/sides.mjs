// The engines that are compared, each as its users have it, at its fastest on the device.

/** The embedded model for calls; the one that it was made from for prose. */
export const models = { calls: 'function-caller', prose: 'smollm2-135m-instruct' }

const cpu = {
  ours: { loader: 'engine', setup: { dtype: 'q4', cpuBackend: 'simd' } },
  transformers: { loader: 'transformers', setup: { dtype: 'q8' } },
  wllama: { loader: 'wllama', setup: {} },
}

const gpu = {
  ours: { loader: 'engine', setup: { dtype: 'q4' } },
  transformers: { loader: 'transformers', setup: { dtype: 'q4' } },
}

/** Ours without one thing each. */
const without = {
  speculation: { speculation: false },
  persistence: { prefixCache: { persist: false } },
}

/**
 * @typedef {import('../rounds.mjs').SideSetup} SideSetup
 * @typedef {(changes: Partial<import('../page/main.js').Setup>) => Record<string, SideSetup>} SidesWith
 */

/** @param {'wasm' | 'webgpu'} device @param {readonly string[]} names ours comes along, as all are compared with it @returns {SidesWith} the sides, with what a scenario sets */
export function sidesOn(device, names) {
  const all = Object.entries(device === 'webgpu' ? gpu : cpu).filter(([name]) => name === 'ours' || names.includes(name))
  return ({ model, ...changes }) =>
    Object.fromEntries(
      all.map(([name, { loader, setup }]) => [name, { loader, setup: { device, model, gguf: `/gguf/${model}-q8_0.gguf`, context: 4096, ...changes, ...setup } }]),
    )
}

/** Ours, and ours without one of its means. @param {Record<string, SideSetup>} sides @param {keyof typeof without} means */
export function withAndWithout({ ours }, means) {
  return { ours, [`without ${means}`]: { ...ours, setup: { ...ours.setup, ...without[means] } } }
}
