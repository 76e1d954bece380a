// What is said in the scenarios, and to which tools.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../scripts/lib/paths.mjs'
import { promptOf } from '../prompts.mjs'

/** The smart home's six tools. @returns {import('../../src/tools/types.js').ToolSpec[]} */
export function homeTools() {
  const { tools } = JSON.parse(readFileSync(path.join(root, 'pipeline/data/demos-test/smart-home.json'), 'utf8'))
  return tools.map(({ name, description = '', parameters }) => ({ name, description, inputSchema: parameters }))
}

/** So many tools, as the rooms of a larger house may have them. */
export function manyTools(count) {
  const tools = homeTools()
  return Array.from({ length: count }, (_, i) => {
    const like = tools[i % tools.length]
    return i < tools.length ? like : { ...like, name: `${like.name}_${Math.floor(i / tools.length) + 1}` }
  })
}

/** As in the demo: it is there to be told what to do. */
export const toolCallBias = 1.5

/** Wishes that get a call from the model with any of its weights. */
export const wishes = {
  first: 'Dim the living room to 30',
  second: 'Set the temperature in the bedroom to 21 degrees',
  forty: 'Turn off the lights in the kitchen',
}

/** Some 2,000 tokens. */
export const longText = promptOf(96)(1)

/** About what was just read, in another few tokens. */
export const question = 'Where do the children play?'

export const storyPrompt = promptOf(2)
