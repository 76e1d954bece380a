import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/runCommandLine.js'
import type { DoctorReport } from '../../src/cli/doctor/types.js'
import { createJSONValidator } from '../../src/tools/createJSONValidator.js'
import { modelFolder } from '../helpers/embeddedModel.js'
import { scaledWeights } from '../helpers/scaledWeights.js'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

/** A copy of the tiny model without its manifest, with changed graphs. */
function tinyModel(changes: Record<string, (graph: Uint8Array) => Uint8Array> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'doctor-'))
  folders.push(folder)
  cpSync(modelFolder('smollm2-tiny'), folder, { recursive: true, dereference: true, filter: (file) => !file.endsWith('manifest.json') })
  for (const [file, change] of Object.entries(changes)) writeFileSync(path.join(folder, file), change(readFileSync(path.join(folder, file))))
  return folder
}

async function doctor(...args: string[]) {
  let out = ''
  let err = ''
  const code = await runCommandLine(['doctor', ...args], { out: (text) => (out += text), err: (text) => (err += text), isTerminal: false })
  return { code, out, err }
}

async function reportOn(folder: string, ...args: string[]): Promise<{ code: number; report: DoctorReport }> {
  const { code, out } = await doctor(folder, '--json', '-', '--prompt', 'What is a mill?', '--threads', '1', ...args)
  return { code, report: JSON.parse(out) as DoctorReport }
}

const isDownProjection = (name: string) => /layers\.0\..*down_proj/.test(name)

describe('react-edge-llm doctor', () => {
  it('finds nothing wrong with a model that is right, and says how far its precisions are from each other', async () => {
    const folder = tinyModel()
    const { code, report } = await reportOn(folder)
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(code).toBe(0)
    expect(report.model).toMatchObject({ architecture: 'LlamaForCausalLM', layers: 2 })
    expect(report.precisions.filter(({ file }) => file).map(({ dtype, status }) => [dtype, status])).toEqual([['fp32', 'ran'], ['q8', 'ran'], ['q4', 'ran']])
    const [fp32, , q8, q4] = ['fp32', 'fp16', 'q8', 'q4'].map((dtype) => report.precisions.find((each) => each.dtype === dtype))
    expect(fp32!.agreement).toBeNull()
    for (const each of [q8!, q4!]) expect(each.agreement!.meanKl).toBeLessThan(2.5)
    expect(report.ranges.layers.map(({ layer }) => layer)).toEqual([0, 1, null])
    for (const { largest } of report.ranges.layers) expect(largest).toBeGreaterThan(0)
    expect(report.verdict.summary).toMatch(/Nothing is wrong with fp32, q8, q4/)
  })

  it('names the operator that overflows in 16 bits, and those that give no numbers', async () => {
    const folder = tinyModel({
      'onnx/model.onnx': (graph) => scaledWeights(graph, 2 ** 24, isDownProjection),
      'onnx/model_q4.onnx': (graph) => scaledWeights(graph, 2 ** 126, isDownProjection),
    })
    const plot = path.join(folder, 'ranges.svg')
    const { code, report } = await reportOn(folder, '--plot', plot)
    expect(code).toBe(1)
    const finding = (wanted: string) => report.findings.find(({ code: each }) => each === wanted)
    expect(finding('would-overflow')).toMatchObject({ dtype: 'fp16', severity: 'note', layer: 0, operator: expect.stringContaining('down_proj') as string })
    expect(finding('not-finite')).toMatchObject({ dtype: 'q4', severity: 'error', layer: 0, operator: expect.stringContaining('down_proj') as string })
    expect(report.precisions.find(({ dtype }) => dtype === 'fp16')).toMatchObject({ file: null, status: 'not-run', first: { kind: 'overflow' } })
    expect(report.ranges.layers[0]!.largest).toBeGreaterThan(65_504)
    expect(report.verdict).toMatchObject({ ok: false, fixes: expect.arrayContaining([expect.stringContaining('export the model again') as string]) as string[] })
    expect(readFileSync(plot, 'utf8')).toMatch(/^<svg .*65,504.*<\/svg>\n$/)
  })

  it('compares the graphs of two exports', async () => {
    const other = tinyModel({ 'onnx/model.onnx': (graph) => Buffer.from(Buffer.from(graph).toString('latin1').replace('SimplifiedLayerNormalization', 'SimplifiedLayerNormalisation'), 'latin1') })
    const { code, report } = await reportOn(tinyModel(), '--against', other, '--no-run')
    expect(code).toBe(0)
    expect(report.graphs!.map(({ dtype, same }) => [dtype, same])).toEqual([['fp32', false], ['q8', true], ['q4', true]])
    expect(report.graphs![0]!.a.initializers.float32!.bytes).toBeGreaterThan(20_000_000)
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'graph-differs', severity: 'warning', dtype: 'fp32' }))
    expect(report.precisions.every(({ status }) => status === 'not-run')).toBe(true)
  })

  it('writes what the shared schema says', async () => {
    const schema = path.resolve(import.meta.dirname, '../../pipeline/src/edge_llm/doctor/report.schema.json')
    const validate = createJSONValidator(JSON.parse(readFileSync(schema, 'utf8')) as Record<string, unknown>)
    const { report } = await reportOn(tinyModel({ 'onnx/model_q4.onnx': (graph) => scaledWeights(graph, 2 ** 126, isDownProjection) }), '--against', tinyModel())
    expect(validate(report)).toBeUndefined()
    expect(validate({ ...report, tool: 'another' })).toContain('tool')
  })

  it('is a table without --json, and a wrong command is told', async () => {
    const { code, out } = await doctor(tinyModel(), '--prompt', 'Hi', '--threads', '1')
    expect(code).toBe(0)
    expect(out).toMatch(/layer \(fp32\) +largest at +largest/)
    expect(out).toMatch(/q8 +none +\d/)
    expect(await doctor()).toMatchObject({ code: 2, err: expect.stringContaining('MODEL_DIR is missing') as string })
    expect(await doctor('nowhere')).toMatchObject({ code: 2, err: expect.stringContaining('no such folder') as string })
    expect(await doctor('.', '--tokens', 'many')).toMatchObject({ code: 2 })
    expect(await doctor('.', '--prmpt', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('doctor --help') as string })
  })
})
