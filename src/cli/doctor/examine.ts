import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { OrtBinding } from '../../inference/runtimes/onnx/OrtBinding.js'
import { allDtypes, externalDataLocations, graphPathOf, type Dtype, type ExternalDataFile, type JSONObject } from '../../models/index.js'
import { checkLayout } from './checkLayout.js'
import { differencesOf, readGraphFacts } from './compareGraphs.js'
import { findingsOf, verdictOf } from './findings.js'
import { Measurement } from './Measurement.js'
import { TappedModel } from './TappedModel.js'
import { largestHalf, type DoctorReport, type GraphPair, type PrecisionReport } from './types.js'

/** The first of them that is there is what the others are held against. */
const mostExact: readonly Dtype[] = ['fp32', 'fp16', 'q8', 'q4', 'q4f16']

/** Relative error of a tensor over which its operator counts as diverged. Rounding to 4 bits costs attention up to 0.7 of its size without harm. */
const errorLimits: Readonly<Record<Dtype, number>> = { fp32: 0.5, fp16: 0.5, q8: 1, q4: 1.5, q4f16: 1.5 }

/** What an examination is made of. */
export interface Examination {
  folder: string
  /** Another export of the same model, for a comparison of graphs. */
  against: string | undefined
  /** Token ids; none: nothing is run. */
  sequences: readonly (readonly number[])[]
  /** Undefined: nothing is run, and this is why. */
  binding: OrtBinding | string
  onStep(what: string): void
}

interface Opened {
  dtype: Dtype
  model: TappedModel
  measurement: Measurement
}

/** Everything that can be found out about a model's folder. */
export async function examine(examination: Examination): Promise<DoctorReport> {
  const { folder, against, sequences, onStep } = examination
  const config = readConfig(folder)
  onStep('checking the files')
  const layout = await checkLayout(folder)
  const there = mostExact.filter((dtype) => existsSync(path.join(folder, graphPathOf(dtype))))
  const { precisions, ranges } = await runAll(examination, there, config)
  const graphs = against === undefined ? undefined : comparePairs(folder, against)
  const findings = findingsOf({ layout, precisions, graphs, streams: new Set(ranges.streams) })
  const architectures = config.architectures as unknown[] | undefined
  return {
    formatVersion: 1,
    tool: 'react-edge-llm',
    model: {
      name: path.basename(path.resolve(folder)),
      architecture: typeof architectures?.[0] === 'string' ? architectures[0] : '',
      layers: new Set(ranges.layers.map(({ layer }) => layer).filter((layer) => layer !== null)).size,
    },
    text: { tokens: sequences.reduce((sum, { length }) => sum + length, 0), sequences: sequences.length },
    verdict: verdictOf(precisions, findings),
    findings,
    ranges: { dtype: there[0] ?? 'fp32', limit: largestHalf, layers: ranges.layers },
    precisions,
    ...(graphs && { graphs }),
    layout,
  }
}

interface Ranges {
  layers: DoctorReport['ranges']['layers']
  /** Tensors that are the residual stream. */
  streams: readonly string[]
}

async function runAll(examination: Examination, there: readonly Dtype[], config: JSONObject): Promise<{ precisions: PrecisionReport[]; ranges: Ranges }> {
  const { folder, sequences, binding, onStep } = examination
  const notRun = (dtype: Dtype, reason: string): PrecisionReport => ({ ...empty(dtype), status: 'not-run', reason })
  const nothing: Ranges = { layers: [], streams: [] }
  const why = typeof binding === 'string' ? binding : sequences.length === 0 ? 'there is no text to run it on: the tokenizer cannot be read' : undefined
  if (why !== undefined || typeof binding === 'string') return { precisions: there.map((dtype) => notRun(dtype, why!)), ranges: nothing }

  const opened: Opened[] = []
  const failed: PrecisionReport[] = []
  try {
    for (const dtype of there) {
      onStep(`opening ${dtype}`)
      try {
        const model = await TappedModel.open(binding, readGraph(folder, dtype), config)
        opened.push({ dtype, model, measurement: new Measurement(model.values) })
      } catch (error) {
        failed.push(notRun(dtype, shortened(error)))
        // Without what the others are held against there is nothing to say of them.
        if (dtype === there[0]) return { precisions: failed, ranges: nothing }
      }
    }
    const [base, ...others] = opened
    if (!base) return { precisions: failed, ranges: nothing }
    for (const [i, sequence] of sequences.entries()) {
      onStep(`running text ${i + 1} of ${sequences.length}`)
      const exact = await base.model.run(sequence)
      base.measurement.add(exact)
      for (const { model, measurement } of others) measurement.add(await model.run(sequence), exact)
    }
    const ran = opened.map(({ dtype, measurement }) => ({ ...empty(dtype), first: measurement.first(errorLimits[dtype]), agreement: measurement.agreement, layers: measurement.layers() }))
    const precisions = [...ran, ...failed, ...foretold(base, there)].sort((a, b) => allDtypes.indexOf(a.dtype) - allDtypes.indexOf(b.dtype))
    const streams = base.model.values.filter(({ isStream }) => isStream).map(({ tensor }) => tensor)
    return { precisions, ranges: { layers: base.measurement.ranges(), streams } }
  } finally {
    for (const { model } of opened) await model.dispose()
  }
}

/** What an export in 16 bits would come to, where there is none. */
function foretold({ dtype: base, measurement }: Opened, there: readonly Dtype[]): PrecisionReport[] {
  const dtype = base === 'fp32' ? 'fp16' : base === 'q4' ? 'q4f16' : undefined
  if (dtype === undefined || there.includes(dtype)) return []
  const reason = `there is no such file; told from the values in ${base}, as Node does not compute in 16 bits`
  return [{ ...empty(dtype), file: null, status: 'not-run', reason, first: measurement.firstOver() }]
}

function empty(dtype: Dtype): PrecisionReport {
  return { dtype, file: graphPathOf(dtype), arithmetic: 'native', status: 'ran', reason: null, first: null, agreement: null, layers: [] }
}

function comparePairs(folder: string, against: string): GraphPair[] {
  const both = allDtypes.filter((dtype) => [folder, against].every((each) => existsSync(path.join(each, graphPathOf(dtype)))))
  return both.map((dtype) => {
    const [a, b] = [readGraphFacts(folder, graphPathOf(dtype)), readGraphFacts(against, graphPathOf(dtype))]
    const differences = differencesOf(a, b)
    return { dtype, a: a.summary, b: b.summary, same: differences.length === 0, differences }
  })
}

function readGraph(folder: string, dtype: Dtype): { path: string; bytes: Uint8Array; externalData: ExternalDataFile[] } {
  const file = graphPathOf(dtype)
  const bytes = readFileSync(path.join(folder, file))
  const externalData = externalDataLocations(file, bytes).map((location) => ({ path: location, bytes: readFileSync(path.join(folder, 'onnx', location)) }))
  return { path: file, bytes, externalData }
}

function readConfig(folder: string): JSONObject {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as JSONObject
  } catch {
    // The layout's check says so.
    return {}
  }
}

function shortened(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]!.slice(0, 300)
}
