import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vite'

/** Files above this are not fetched before they are used: the two WebAssembly builds of ONNX Runtime, 41 MB. */
const largestPrecached = 2_000_000

/** What `serviceWorker.js` reads as `build`. URLs are relative to the app. */
interface Build {
  /** Changes with any file of the app. */
  version: string
  /** The app's own files. `integrity` is in the form of the HTML attribute. */
  files: { url: string; integrity: string; isPrecached: boolean }[]
  model: {
    /** Folder, with a slash at its end. */
    root: string
    /** Changes with any file of the model. */
    version: string
    /** Sizes in bytes of the files that a load reads. */
    files: Record<string, number>
  }
}

/**
 * Writes `sw.js` beside the built app: `serviceWorker.js` with the list of what was built.
 * @param options.model folder of the model inside of the build, with a slash at its end.
 */
export function serviceWorker({ model }: { model: string }): Plugin {
  let folder = ''
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved({ root, build }) {
      folder = path.resolve(root, build.outDir)
    },
    // After the last file is written: the model is copied in writeBundle.
    closeBundle() {
      const build = JSON.stringify(describeBuild(folder, model))
      const source = readFileSync(path.join(import.meta.dirname, 'serviceWorker.js'), 'utf8')
      writeFileSync(path.join(folder, 'sw.js'), `const build = ${build}\n${source}`)
    },
  }
}

function describeBuild(folder: string, root: string): Build {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => name !== 'sw.js' && !name.startsWith('models/') && !name.endsWith('.map'))
    .sort()
  const files = names.map((name) => {
    const bytes = readFileSync(path.join(folder, name))
    const integrity = `sha256-${createHash('sha256').update(bytes).digest('base64')}`
    return { url: name === 'index.html' ? '' : name, integrity, isPrecached: bytes.length <= largestPrecached }
  })
  return { version: shortHash(JSON.stringify(files)), files, model: describeModel(folder, root) }
}

function describeModel(folder: string, root: string): Build['model'] {
  const manifest = readFileSync(path.join(folder, root, 'manifest.json'), 'utf8')
  const inside = readdirSync(path.join(folder, root), { recursive: true, withFileTypes: true })
  const files: Record<string, number> = {}
  for (const entry of inside) {
    const file = path.join(entry.parentPath, entry.name)
    if (!entry.isFile() || !/\.(json|jinja|txt|onnx|onnx_data)$/.test(entry.name) || entry.name.startsWith('.')) continue
    files[path.relative(path.join(folder, root), file).split(path.sep).join('/')] = statSync(file).size
  }
  return { root, version: shortHash(manifest), files }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
