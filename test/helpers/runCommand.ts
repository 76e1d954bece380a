import { execFile } from 'node:child_process'
import path from 'node:path'

const bin = path.resolve(import.meta.dirname, '../../dist/cli/index.js')

/** Runs the built `react-edge-llm` to its end. */
export function runCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}
