import { createReadStream, statSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'

/** Package of the embedded model. */
const packageName = 'react-edge-llm-function-caller'

/** Where pages look for it, as `defaultModelId` says. */
export const embeddedModelPath = '/models/function-caller/'

/** What of the package is no part of the model as it is served. */
const notServed = new Set(['package.json', 'index.js', 'index.d.ts', 'node_modules'])

/**
 * Folder of the installed model.
 * @param root of the app, from which packages are resolved.
 * @throws Error that says how to install it.
 */
export function findEmbeddedModel(root: string): string {
  try {
    return path.dirname(createRequire(path.join(root, 'package.json')).resolve(`${packageName}/package.json`))
  } catch (cause) {
    throw new Error(
      `edgeLLM({ embeddedModel: true }) serves the package ${packageName}, and it is not installed in ${root}. ` +
        `Install it with: npm install ${packageName}`,
      { cause },
    )
  }
}

/** Answers a request below {@link embeddedModelPath} with a file of the model; false where there is none. */
export function sendModelFile(folder: string, inside: string, request: IncomingMessage, response: ServerResponse): boolean {
  const name = path.posix.normalize(inside)
  const isHidden = name.startsWith('..') || notServed.has(name.split('/')[0] ?? '')
  const file = path.join(folder, name)
  const stats = isHidden ? undefined : statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile()) return false
  const etag = `"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs).toString(16)}"`
  response.setHeader('ETag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return true
  }
  response.writeHead(200, {
    'Content-Type': file.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    'Content-Length': stats.size,
  })
  if (request.method === 'HEAD') response.end()
  else createReadStream(file).pipe(response)
  return true
}

/** Copies the model into an app's build, without what the package has for Node. */
export async function copyEmbeddedModel(folder: string, outDir: string): Promise<void> {
  await cp(folder, path.join(outDir, embeddedModelPath), {
    recursive: true,
    filter: (source) => !notServed.has(path.relative(folder, source).split(path.sep)[0] ?? ''),
  })
}
