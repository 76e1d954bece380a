import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { GenerateRequest } from '../../src/inference/types.js'
import { toolCallBias } from '../../stories/demos/smart-home/toolCallBias.js'
import { demoRequests, type DemoApp } from '../../test/helpers/demoRequests.js'
import { prompts } from '../../test/helpers/prompts.js'

const demos = ['square-color', 'square-color-example', 'smart-home']

const story =
  'The old lighthouse at Cape Grim was built in 1847 by a crew of forty masons. It stands 31 metres tall and is painted in red and white bands. ' +
  'For sixty years it was tended by the Harrow family, who kept bees and goats on the headland. In 1911 the lamp was converted from oil to gas.'
const list = '- buy oat milk and rye bread\n- call the dentist about Thursday\n- renew the passport before June\n- water the tomatoes on the balcony'

/** Tasks whose answers have much of the prompt in them. */
export const copying = [
  `Repeat this text word for word:\n${story}`,
  `Fix the spelling in this text and give the whole text back:\n${story.replace('tended', 'tendid').replace('became', 'becaem')}`,
  `Summarize in two sentences:\n${story}`,
  `Rewrite this text, but say "harbour" instead of "lighthouse":\n${story}`,
  `Copy this list and number its lines:\n${list}`,
]

/** Tasks whose answers do not. */
export const telling = prompts.slice(0, 20)

export function say(content: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return { messages: [{ role: 'user', content }], ...changes }
}

/** Requests to the demos (`pipeline/data/demos-test`), as the demos ask; `count` of them, spread evenly. Default all. */
export function callRequests(root: string, count?: number): GenerateRequest[] {
  const apps = demos.map((name) => JSON.parse(readFileSync(path.join(root, `pipeline/data/demos-test/${name}.json`), 'utf8')) as DemoApp)
  const all = apps.reduce((sum, { requests }) => sum + requests.length, 0)
  return demoRequests(apps, count ?? all).map(({ app, say: content, tools }) =>
    say(content, { tools, maxTokens: 96, ...(app === 'smart-home' && { toolCallBias }) }),
  )
}

/** Fifty requests: calls, and prose that copies or does not. */
export function fiftyRequests(root: string, proseTokens: number): GenerateRequest[] {
  return [...callRequests(root, 25), ...[...copying, ...telling].map((content) => say(content, { maxTokens: proseTokens }))]
}
