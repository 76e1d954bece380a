/** Where a command writes. */
export interface CommandOutput {
  /** Results. */
  out(text: string): void
  /** Progress and problems. */
  err(text: string): void
  /** Whether `err` is a terminal, whose last line can be written anew. */
  isTerminal: boolean
}

/** One command of the command line. */
export interface Command {
  /** One line for the list of commands. */
  summary: string
  /** What `--help` prints. */
  help: string
  /**
   * Runs with the arguments behind the command's name.
   * @returns the process's exit code.
   * @throws LLMError
   */
  run(args: string[], output: CommandOutput): Promise<number>
}
