// Compiles the kit's SHA-256 and writes it down as a module: so small that a file of its own would only need a URL.
import { assemblyScript } from './assemblyScript.mjs'
import { Missing } from './step.mjs'

const source = 'src/models/hash/core/sha256.ts'

/** Where the compiled form is kept; a test compares it with its source. */
export const sha256ModuleFile = 'src/models/hash/sha256Module.ts'

/** @returns {Promise<string>} the text of {@link sha256ModuleFile} */
export async function sha256ModuleText() {
  /** @type {Uint8Array | undefined} */
  let compiled
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--converge', '--outFile', 'sha256.wasm']
  const { error, stderr } = await assemblyScript.main([source, ...flags], {
    writeFile(_name, contents) {
      if (typeof contents !== 'string') compiled = contents
    },
  })
  if (error || !compiled) throw new Missing(`SHA-256 does not compile:\n${stderr.toString()}`)
  const base64 = Buffer.from(compiled).toString('base64')
  return `// Made from core/sha256.ts by scripts/build-sha256.mjs.\n\n/** The compiled SHA-256, ${compiled.length} bytes of WebAssembly in base64. */\nexport const sha256Module =\n  '${base64}'\n`
}
