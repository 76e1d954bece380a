// Serves the page that test/e2e/turns.test.ts has built, with the embedded model on WebGPU: open it on a machine with a
// real GPU and press its button.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { serve } from '../../bench/server.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const page = path.join(root, '.cache/e2e/turns')
if (!existsSync(path.join(page, 'index.html'))) {
  console.error('The page is not built. Run: npm test -- --only e2e test/e2e/turns.test.ts')
  process.exit(1)
}
const { url } = await serve({ '/models/': path.join(root, 'models'), '/': page })
console.log(`${url}?model=/models/function-caller&device=webgpu`)
