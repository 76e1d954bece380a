import { isLLMError } from '../errors/index.js'
import { doctorCommand } from './doctor/doctorCommand.js'
import { evalCommand } from './eval/evalCommand.js'
import type { Command, CommandOutput } from './types.js'

const commands: ReadonlyMap<string, Command> = new Map([
  ['eval', evalCommand],
  ['doctor', doctorCommand],
])

/** Runs one command. Resolves to the exit code: 0 done, 1 failed, 2 not understood. */
export async function runCommandLine(args: readonly string[], output: CommandOutput): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.out(overview())
    return name === undefined ? 2 : 0
  }
  const command = commands.get(name)
  if (command === undefined) {
    output.err(`There is no command "${name}".\n\n${overview()}`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    output.out(command.help)
    return 0
  }
  try {
    return await command.run(rest, output)
  } catch (error) {
    if (!isLLMError(error)) throw error
    output.err(`${error.code}: ${error.message}\n`)
    return error.code === 'invalid-input' ? 2 : 1
  }
}

function overview(): string {
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  return `react-edge-llm <command> [options]\n\nCommands:\n${lines.join('\n')}\n\nreact-edge-llm <command> --help shows a command's options.\n`
}
