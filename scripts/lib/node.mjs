// Checks the Node.js that runs the scripts.
import { Missing, step } from './step.mjs'

const least = 20

export function ensureNode() {
  return step('Node.js', async () => {
    const major = Number(process.versions.node.split('.')[0])
    if (major < least) {
      throw new Missing(`Node.js ${process.versions.node} is too old: this project needs ${least} or newer. Get it from https://nodejs.org.`)
    }
    return { state: process.versions.node }
  })
}
