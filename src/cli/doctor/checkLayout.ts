import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { allDtypes, externalDataLocations, graphPathOf, readOnnxGraph } from '../../models/index.js'
import type { LayoutProblem } from './types.js'

type Fields = Record<string, unknown>

/** Every reason why the browser could not load a folder; the codes are those of the pipeline's `edge-llm check`. */
export async function checkLayout(folder: string): Promise<LayoutProblem[]> {
  const layout = new Layout(folder)
  layout.checkConfigs()
  layout.checkTokenizer()
  layout.checkGraphs()
  await layout.checkManifest()
  return layout.problems
}

class Layout {
  readonly problems: LayoutProblem[] = []
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  checkConfigs(): void {
    const config = this.#read('config.json')
    for (const name of ['config.json', 'generation_config.json']) {
      const values = name === 'config.json' ? config : this.#has(name) ? this.#read(name) : undefined
      if (values && !Number.isInteger(values.eos_token_id)) {
        this.#add('eos-not-one-integer', name, `eos_token_id is ${JSON.stringify(values.eos_token_id)}; set it to the one id that ends a turn`)
      }
    }
    const flag = config?.['transformers.js_config'] as { use_external_data_format?: unknown } | null | undefined
    if (flag?.use_external_data_format) {
      this.#add('external-data-flag', 'config.json', 'asks for external data files, but weights are to be inside the .onnx file; remove use_external_data_format')
    }
  }

  checkTokenizer(): void {
    this.#read('tokenizer.json')
    const settings = this.#read('tokenizer_config.json')
    if (settings && !settings.chat_template && !this.#has('chat_template.jinja')) {
      this.#add('missing-chat-template', 'tokenizer_config.json', 'has no chat_template, and there is no chat_template.jinja; copy the one of the base model')
    }
  }

  checkGraphs(): void {
    if (!this.#has('onnx')) return this.#add('missing-onnx-folder', 'onnx', 'is missing; the graphs belong into it')
    const paths = allDtypes.map(graphPathOf)
    if (!paths.some((each) => this.#has(each))) this.#add('missing-model', 'onnx', `holds none of ${paths.join(', ')}`)
    const files = readdirSync(path.join(this.#folder, 'onnx')).filter((name) => name.endsWith('.onnx'))
    for (const name of files.sort()) this.#checkGraph(`onnx/${name}`)
  }

  async checkManifest(): Promise<void> {
    if (!this.#has('manifest.json')) return
    const files = (this.#read('manifest.json')?.files ?? {}) as Record<string, { size?: unknown; sha256?: unknown }>
    for (const [name, { size, sha256 }] of Object.entries(files)) {
      const reason = await this.#mismatch(path.join(this.#folder, name), size, sha256)
      if (reason) this.#add('manifest-mismatch', name, `${reason}; convert again`)
    }
  }

  async #mismatch(file: string, size: unknown, sha256: unknown): Promise<string | undefined> {
    if (!existsSync(file)) return 'is listed in the manifest but missing'
    const actual = statSync(file).size
    if (actual !== size) return `has ${actual} bytes, the manifest says ${String(size)}`
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array)
    return hash.digest('hex') === sha256 ? undefined : 'does not have the SHA-256 that the manifest lists'
  }

  #checkGraph(name: string): void {
    const bytes = readFileSync(path.join(this.#folder, name))
    try {
      if (readOnnxGraph(name, bytes).outputs.length === 0) this.#add('invalid-model', name, 'is an ONNX file without outputs')
      if (externalDataLocations(name, bytes).length > 0) {
        this.#add('external-data', name, 'keeps weights in other files; save it as one file (onnx.save(..., save_as_external_data=False))')
      }
    } catch {
      this.#add('invalid-model', name, 'is not an ONNX model; download or export it again')
    }
  }

  #read(name: string): Fields | undefined {
    if (!this.#has(name)) {
      this.#add('missing-file', name, 'is missing; export the model again')
      return undefined
    }
    const text = readFileSync(path.join(this.#folder, name), 'utf8')
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
      this.#add('invalid-json', name, 'must hold a JSON object')
    } catch (error) {
      const isPage = /^\s*<(!doctype|html)/i.test(text)
      this.#add('invalid-json', name, isPage ? 'is a web page saved under this name' : `is not JSON: ${(error as Error).message}`)
    }
    return undefined
  }

  #has(name: string): boolean {
    return existsSync(path.join(this.#folder, name))
  }

  #add(code: string, where: string, message: string): void {
    this.problems.push({ code, path: where, message })
  }
}
