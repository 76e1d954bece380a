import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const document = 'docs/function-calling.md'

/** What stands around the page's examples in an app: imports, and what belongs to the app itself. */
const prelude = `
import type { ReactNode } from 'react'
import { isToolPart, restoreMessages, serializeMessages, tool, useFunctionCalling, useTool, type UIMessage } from 'react-edge-llm'
import { ToolCall } from 'react-edge-llm/components'
import { z } from 'zod'
declare const bank: { pay(to: string, amount: number, options: { signal: AbortSignal }): Promise<{ receipt: string }> }
declare const thermostat: { set(degrees: number): Promise<{ temperature: number }> }
declare function Dial(props: { degrees: number | undefined; children?: ReactNode }): ReactNode
declare const messages: readonly UIMessage[]
`

/** The examples as one module: a component for each, that sees what the ones before it defined at their top. */
function moduleOf(markdown: string): { text: string; count: number } {
  const blocks = [...markdown.matchAll(/^```tsx\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
  const nested = blocks.reduceRight((inner, block, i) => `function Example${i}() {\n${block}\nreturn null\n${inner}\n}`, '')
  return { text: `${prelude}\n${nested}\nexport { Example0 }\n`, count: blocks.length }
}

/** What the compiler says about each of some modules. */
function problemsOf(...texts: string[]): string[][] {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const files = new Map(texts.map((text, i) => [path.join(root, `docs/example-${i}.tsx`), text]))
  const compilerOptions = { ...options, noUnusedLocals: false, allowUnreachableCode: true }
  const host = ts.createCompilerHost(compilerOptions)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name)
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  }
  const program = ts.createProgram([...files.keys()], compilerOptions, host)
  return [...files].map(([name, text]) => {
    const source = program.getSourceFile(name)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ messageText, start = 0 }) => {
      const line = text.slice(0, start).split('\n').length
      return `${text.split('\n')[line - 1]?.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

it(`the examples of ${document} compile`, { timeout: 120_000 }, () => {
  const { text, count } = moduleOf(readFileSync(path.join(root, document), 'utf8'))
  expect(count).toBeGreaterThan(3)
  const wrong = text.replace('thermostat.set(temperature)', 'thermostat.set(`${temperature}`)')
  const [problems, problemsOfWrong] = problemsOf(text, wrong)
  expect(problems).toEqual([])
  expect(problemsOfWrong).toEqual([expect.stringContaining("'string' is not assignable to parameter of type 'number'")])
})
