import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { modelFolder } from './embeddedModel.js'

/** New contents by path; null removes the file; an object is written as JSON. */
export type Changes = Record<string, string | Uint8Array | object | null>

const files = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'onnx/model.onnx']

/** A copy of the tiny model, without manifest, with changes. */
export function modelVariant(changes: Changes): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'model-variant-'))
  mkdirSync(path.join(folder, 'onnx'))
  for (const file of files) {
    if (!(file in changes)) cpSync(path.join(modelFolder('smollm2-tiny'), file), path.join(folder, file))
  }
  for (const [file, content] of Object.entries(changes)) {
    if (content === null) continue
    const isRaw = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(path.join(folder, file), isRaw ? content : JSON.stringify(content))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}
