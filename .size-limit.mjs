// What each entry may cost a page. `npm run check` fails when one grows past its limit.

/** Chunks that load later are no part of an entry: what counts is what comes with `import`. */
const leaveLazyChunksOut = {
  name: 'leave-lazy-chunks-out',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined))
  },
}

const modifyEsbuildConfig = (config) => ({
  ...config,
  format: 'esm',
  platform: 'browser',
  loader: { '.wasm': 'copy' },
  plugins: [leaveLazyChunksOut, ...(config.plugins ?? [])],
})

/** An entry, bundled and minified with its dependencies but without its peers, gzipped. */
const entry = (name, path, limit) => ({ name, path, limit, gzip: true, modifyEsbuildConfig })

/** A worker as it is served: one file, not compressed. */
const worker = (name, limit, file = `${name}.js`) => ({
  name: `${name} worker`,
  path: `dist/worker/${file}`,
  limit,
  brotli: false,
  modifyEsbuildConfig,
})

export default [
  entry('react-edge-llm', 'dist/index.js', '8 kB'),
  entry('react-edge-llm/engine', 'dist/engine/index.js', '4 kB'),
  entry('react-edge-llm/tools', 'dist/tools/index.js', '24 kB'),
  entry('react-edge-llm/components', 'dist/components/index.js', '8 kB'),
  // The SIMD core and what plans, hosts and threads it, which is a part of the onnx-wasm worker.
  entry('SIMD core with its host', ['dist/worker/core.wasm', 'src/inference/runtimes/simd/openSimdDecoder.ts'], '60 kB'),
  worker('onnx-wasm', '430 kB'),
  worker('onnx-webgpu', '410 kB'),
  worker('transformers', '900 kB'),
  // Not a worker but what they load for requests with a grammar: WebAssembly in base64, for the most part.
  worker('grammar', '1.2 MB', 'grammar.mjs'),
]
