// Compiles src/models/hash/core into the module that the kit carries: commit it with the change.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/paths.mjs'
import { sha256ModuleFile, sha256ModuleText } from './lib/sha256Module.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  writeFileSync(path.join(root, sha256ModuleFile), await sha256ModuleText())
})
