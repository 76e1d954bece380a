// npm run model: makes the models of the tests anew.
import { ensureNode } from './lib/node.mjs'
import { ensureTestModels } from './lib/model.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  await ensureNode()
  await ensureTestModels({ force: true })
})
