import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLayout } from './checkLayout.js'

const fixture = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../../test/fixtures', name))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'layout-'))
  mkdirSync(path.join(folder, 'onnx'))
  for (const [name, content] of Object.entries(sound)) write(name, content)
})
afterEach(() => rmSync(folder, { recursive: true }))

const identity = fixture('identity.onnx')
const sound: Record<string, object | Buffer> = {
  'config.json': { eos_token_id: 2 },
  'generation_config.json': { eos_token_id: 2 },
  'tokenizer.json': {},
  'tokenizer_config.json': { chat_template: '{{ messages }}' },
  'onnx/model.onnx': identity,
  'manifest.json': { files: { 'onnx/model.onnx': { size: identity.length, sha256: createHash('sha256').update(identity).digest('hex') } } },
}

function write(name: string, content: object | string | null): void {
  if (content === null) rmSync(path.join(folder, name), { recursive: true })
  else writeFileSync(path.join(folder, name), Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content))
}

describe('checkLayout', () => {
  it('finds nothing in a folder that browsers can load', async () => {
    expect(await checkLayout(folder)).toEqual([])
  })

  it.each<[string, string, object | string | null]>([
    ['missing-file', 'tokenizer.json', null],
    ['missing-file', 'config.json', null],
    ['invalid-json', 'tokenizer_config.json', '<!doctype html><title>App</title>'],
    ['invalid-json', 'tokenizer_config.json', '[]'],
    ['eos-not-one-integer', 'generation_config.json', { eos_token_id: [2, 3] }],
    ['eos-not-one-integer', 'config.json', {}],
    ['external-data-flag', 'config.json', { eos_token_id: 2, 'transformers.js_config': { use_external_data_format: true } }],
    ['missing-chat-template', 'tokenizer_config.json', {}],
    ['invalid-model', 'onnx/model_q4.onnx', 'version https://git-lfs.github.com/spec/v1'],
    ['external-data', 'onnx/model_q4.onnx', fixture('external-data.onnx')],
    ['manifest-mismatch', 'onnx/model.onnx', fixture('external-data.onnx')],
    ['manifest-mismatch', 'onnx/model_q4.onnx', null],
  ])('finds %s: %s', async (code, name, content) => {
    if (content === null && name.startsWith('onnx/')) write('manifest.json', { files: { [name]: { size: 1, sha256: 'a' } } })
    else write(name, content)
    const problems = await checkLayout(folder)
    expect(problems.map((problem) => [problem.code, problem.path])).toContainEqual([code, name])
  })

  it('finds that there is no graph, or no folder for them', async () => {
    write('onnx/model.onnx', null)
    expect((await checkLayout(folder)).map(({ code }) => code)).toEqual(['missing-model', 'manifest-mismatch'])
    write('onnx', null)
    expect((await checkLayout(folder)).map(({ code }) => code)).toEqual(['missing-onnx-folder', 'manifest-mismatch'])
  })
})
