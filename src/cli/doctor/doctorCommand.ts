import { writeFileSync } from 'node:fs'
import { createNodeBinding } from '../../inference/runtimes/onnx/nodeBinding.js'
import type { OrtBinding } from '../../inference/runtimes/onnx/OrtBinding.js'
import type { Command } from '../types.js'
import { doctorTable } from './doctorTable.js'
import { examine } from './examine.js'
import { doctorHelp } from './help.js'
import { rangesPlot } from './rangesPlot.js'
import { readDoctorOptions, type DoctorOptions } from './readDoctorOptions.js'
import { textSequences } from './textSequences.js'

/** Finds out what is wrong with a model's numbers, and where. */
export const doctorCommand: Command = {
  summary: 'find out what is wrong with a model: its numbers in every precision, its files',
  help: doctorHelp,

  async run(args, output) {
    const options = readDoctorOptions(args)
    const { folder, against, json, plot } = options
    const binding = await openBinding(options)
    const sequences = typeof binding === 'string' ? [] : readSequences(options, output.err)
    const report = await examine({ folder, against, sequences, binding, onStep: (what) => output.isTerminal && output.err(`${what}\n`) })
    const text = `${JSON.stringify(report, undefined, 1)}\n`
    if (json === '-') output.out(text)
    else {
      if (json !== undefined) writeFileSync(json, text)
      output.out(doctorTable(report))
    }
    if (plot !== undefined) writeFileSync(plot, rangesPlot(report))
    return report.verdict.ok ? 0 : 1
  },
}

async function openBinding({ runs, threads }: DoctorOptions): Promise<OrtBinding | string> {
  if (!runs) return '--no-run was given'
  try {
    return createNodeBinding(await import('onnxruntime-node'), threads)
  } catch {
    return 'the package onnxruntime-node is not installed (npm install onnxruntime-node)'
  }
}

/** None where tokenizer or template cannot be used: the layout's check mostly says why. */
function readSequences({ folder, prompts, text, tokens }: DoctorOptions, err: (text: string) => void): number[][] {
  try {
    return textSequences(folder, { prompts, text, tokens })
  } catch (error) {
    err(`There is no text to run the model on: ${error instanceof Error ? error.message : String(error)}\n`)
    return []
  }
}
