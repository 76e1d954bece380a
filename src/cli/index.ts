#!/usr/bin/env node
// The command line `react-edge-llm`, for Node. Imports engine, inference, tools and models; nothing imports it.
import { runCommandLine } from './runCommandLine.js'

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
})
