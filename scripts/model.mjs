// npm run model: makes the models of the demos and tests anew.
import { ensureNode } from './lib/node.mjs'
import { ensureModel } from './lib/model.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  await ensureNode()
  await ensureModel({ force: true })
})
