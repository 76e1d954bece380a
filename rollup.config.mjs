// Builds dist/: the page's code as modules that mirror src/, each worker as one self-contained file.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import MagicString from 'magic-string'
import esbuild from 'rollup-plugin-esbuild'
import license from 'rollup-plugin-license'

const root = import.meta.dirname
const dist = path.join(root, 'dist')
const packageJSON = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const external = [...Object.keys(packageJSON.dependencies), ...Object.keys(packageJSON.peerDependencies)]
const isExternal = (id) => id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`))

const ortBuilds = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify', 'ort-wasm-simd-threaded.jspi']

/** What belongs into dist/ beside code. */
function copyAssets() {
  return {
    name: 'copy-assets',
    buildStart() {
      rmSync(dist, { recursive: true, force: true })
    },
    writeBundle() {
      mkdirSync(path.join(dist, 'worker'), { recursive: true })
      for (const name of ortBuilds.flatMap((build) => [`${build}.mjs`, `${build}.wasm`])) {
        copyFileSync(path.join(root, 'node_modules/onnxruntime-web/dist', name), path.join(dist, 'worker', name))
      }
      copyFileSync(path.join(root, 'src/components/styles.css'), path.join(dist, 'components/styles.css'))
    },
  }
}

/** Rollup drops `'use client'`, which React's server bundlers look for in the entries. */
function keepUseClient() {
  const directive = /^(['"])use client\1;?/m
  const clientModules = new Set()
  return {
    name: 'keep-use-client',
    transform: {
      order: 'pre',
      handler(code, id) {
        if (!directive.test(code)) return null
        clientModules.add(id)
        return { code: code.replace(directive, ''), map: null }
      },
    },
    banner: (chunk) => (clientModules.has(chunk.facadeModuleId) ? "'use client'" : ''),
  }
}

/**
 * ONNX Runtime imports its glue, and we the grammar, by a URL that is known only at run time. Minifying drops the
 * comments that keep webpack and Vite from looking into that; without them webpack's build breaks.
 */
function markRuntimeImports() {
  return {
    name: 'mark-runtime-imports',
    renderChunk(code) {
      const marked = new MagicString(code).replaceAll(/\bimport\((?=[\w$.]+\))/g, 'import(/* webpackIgnore: true */ /* @vite-ignore */ ')
      return { code: marked.toString(), map: marked.generateMap({ hires: true }) }
    },
  }
}

/** Fails the build when a bundle holds a module it must not hold, and says how large the bundle is. */
function checkBundle(forbidden) {
  return {
    name: 'check-bundle',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk')
      if (chunks.length !== 1) this.error(`a worker must be one file, but it is ${chunks.map((chunk) => chunk.fileName)}`)
      const [chunk] = chunks
      const intruder = Object.keys(chunk.modules).find((id) => forbidden?.test(id))
      if (intruder) this.error(`${chunk.fileName} contains ${path.relative(root, intruder)}`)
      const kilobytes = (size) => `${(size / 1000).toFixed(0)} kB`
      console.log(`${chunk.fileName}: ${kilobytes(chunk.code.length)}, gzip ${kilobytes(gzipSync(chunk.code).length)}`)
    },
  }
}

const page = {
  input: ['src/index.ts', 'src/components/index.ts', 'src/engine/index.ts', 'src/engine/index.node.ts', 'src/tools/index.ts', 'src/vite/index.ts'],
  external: isExternal,
  plugins: [copyAssets(), keepUseClient(), nodeResolve(), esbuild({ target: 'es2022', jsx: 'automatic' })],
  output: { dir: dist, format: 'es', sourcemap: true, preserveModules: true, preserveModulesRoot: 'src' },
}

/** The command line, in one folder with what it needs of the inference code and of packages that are built in. */
const commandLine = {
  input: 'src/cli/index.ts',
  external: isExternal,
  plugins: [nodeResolve({ exportConditions: ['node'] }), commonjs(), esbuild({ target: 'es2022' })],
  output: { dir: path.join(dist, 'cli'), format: 'es', sourcemap: true, chunkFileNames: '[name].js' },
}

/** @param {string} name of the entry in src/worker and dist/worker */
function worker(name, forbidden) {
  return {
    input: `src/worker/${name}.ts`,
    plugins: [
      // Without the condition, ONNX Runtime brings its WebAssembly glue along and looks for it under its own file's name.
      nodeResolve({ browser: true, exportConditions: ['onnxruntime-web-use-extern-wasm', 'browser'] }),
      commonjs(),
      esbuild({ target: 'es2022', minify: true }),
      markRuntimeImports(),
      license({
        thirdParty: {
          output: { file: path.join(dist, `worker/${name}.licenses.txt`) },
        },
      }),
      checkBundle(forbidden),
    ],
    output: { file: path.join(dist, `worker/${name}.js`), format: 'es', sourcemap: true, inlineDynamicImports: true },
    onwarn(warning, warn) {
      // Third-party code that we do not change.
      const isForeign = [warning.id, ...(warning.ids ?? [])].some((id) => id?.includes('node_modules'))
      if (!isForeign || warning.code === 'UNRESOLVED_IMPORT') warn(warning)
    },
  }
}

const transformersCode = /node_modules\/@huggingface\/transformers\//

/** Node finds native packages itself, so its worker keeps them outside. */
const nodeWorker = {
  input: 'src/worker/node.ts',
  external: (id) => id.startsWith('node:') || id === 'onnxruntime-node' || id === '@huggingface/transformers',
  plugins: [nodeResolve({ exportConditions: ['node'] }), commonjs(), esbuild({ target: 'es2022' }), checkBundle(transformersCode)],
  output: { file: path.join(dist, 'worker/node.js'), format: 'es', sourcemap: true, inlineDynamicImports: true },
}

/**
 * The grammar library was built for script tags and finds itself through the page. As a module it
 * knows its own address, in Node as well.
 */
function useModuleAddress() {
  const address = /typeof document === 'undefined' && typeof location === 'undefined' \?.+?document\.baseURI\)\.href\)/g
  // import.meta would make the CommonJS plugin take the library for the module that it is not.
  const standIn = 'GRAMMAR_LIBRARY_ADDRESS'
  return {
    name: 'use-module-address',
    transform(code, id) {
      if (!/web-xgrammar\/lib\/index\.js$/.test(id)) return null
      const changed = code.replaceAll(address, standIn)
      if (changed === code) this.error('the grammar library no longer looks for its address as it did')
      return { code: changed, map: null }
    },
    renderChunk: (code) => ({ code: code.replaceAll(standIn, 'import.meta.url'), map: null }),
  }
}

/** For all workers, those of Node included: what only requests with a grammar need. */
const grammar = {
  input: 'src/worker/grammar.ts',
  external: ['module'],
  plugins: [
    useModuleAddress(),
    nodeResolve({ browser: true }),
    commonjs(),
    esbuild({ target: 'es2022', minify: true }),
    license({ thirdParty: { output: { file: path.join(dist, 'worker/grammar.licenses.txt') } } }),
    checkBundle(),
  ],
  output: { file: path.join(dist, 'worker/grammar.mjs'), format: 'es', inlineDynamicImports: true },
}

export default [page, worker('onnx-wasm', transformersCode), worker('onnx-webgpu', transformersCode), worker('transformers'), nodeWorker, grammar, commandLine]
