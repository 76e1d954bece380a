// The report's format, shared with the pipeline: docs/doctor-report.md and pipeline/src/edge_llm/doctor/report.schema.json.
import type { Dtype } from '../../models/index.js'

/** An operator that is wrong. Numbers that are not finite are null. */
export interface Place {
  kind: 'overflow' | 'not-finite' | 'diverged'
  operator: string
  opType: string
  layer: number | null
  tensor: string
  magnitude: number | null
  relativeError: number | null
}

/** Logits beside those of the most exact precision. */
export interface Agreement {
  tokens: number
  /** Share of positions with the same most likely token. */
  top1: number
  /** Nats a token; null where logits are not finite. */
  meanKl: number | null
  largestKl: number | null
}

/** The largest value of a layer. */
export interface LayerRange {
  layer: number | null
  operator: string
  opType: string
  tensor: string
  largest: number | null
  /** Of the residual stream alone, where the graph shows it. */
  stream: number | null
}

export interface LayerFigures {
  layer: number | null
  largest: number | null
  relativeError: number | null
  finite: boolean
}

export interface PrecisionReport {
  dtype: Dtype
  file: string | null
  arithmetic: 'native' | 'emulated-fp16'
  status: 'ran' | 'not-run'
  reason: string | null
  first: Place | null
  agreement: Agreement | null
  layers: LayerFigures[]
}

export interface Finding {
  code: 'overflow' | 'not-finite' | 'diverged' | 'disagrees' | 'layout' | 'graph-differs' | 'not-run' | 'would-overflow'
  severity: 'error' | 'warning' | 'note'
  dtype: string | null
  operator: string | null
  layer: number | null
  message: string
  fix: string | null
}

/** A problem of the browser layout. */
export interface LayoutProblem {
  code: string
  /** Relative to the model's folder. */
  path: string
  message: string
}

export interface GraphSummary {
  file: string
  nodes: number
  /** Count by type; other domains than ONNX's before a dot. */
  operators: Record<string, number>
  /** Element type by name. */
  inputs: Record<string, string>
  outputs: Record<string, string>
  /** By element type. */
  initializers: Record<string, { count: number; bytes: number }>
}

export interface GraphDifference {
  kind: 'operator' | 'input' | 'output' | 'initializer'
  name: string
  /** Null: missing. */
  a: string | number | null
  b: string | number | null
}

export interface GraphPair {
  dtype: string
  a: GraphSummary
  b: GraphSummary
  same: boolean
  differences: GraphDifference[]
}

/** What `react-edge-llm doctor --json` writes. */
export interface DoctorReport {
  formatVersion: 1
  tool: 'react-edge-llm'
  model: { name: string; architecture: string; layers: number }
  text: { tokens: number; sequences: number }
  verdict: { ok: boolean; summary: string; fixes: string[] }
  findings: Finding[]
  ranges: { dtype: string; limit: 65504; layers: LayerRange[] }
  precisions: PrecisionReport[]
  graphs?: GraphPair[]
  layout: LayoutProblem[]
}

/** The largest half-precision float. */
export const largestHalf = 65504
/** The least number that rounds to more. */
export const roundsToInfinity = 65520
