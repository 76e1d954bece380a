import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const inFolder = (folder: string) =>
  readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name))
const documents = ['README.md', 'CONTRIBUTING.md', ...inFolder('docs'), ...inFolder('docs/decisions')]

/** Files of this repository that a document links to. */
function linkedFiles(document: string): string[] {
  const links = readFileSync(path.join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)
  return [...links].map(([, target]) => path.join(path.dirname(document), target ?? ''))
}

/** Files that the coverage table names in code style, given from the root. */
function namedFiles(): string[] {
  const names = readFileSync(path.join(root, 'docs/coverage.md'), 'utf8').matchAll(/`((?:src|test|pipeline|stories|examples)\/[^`* ]+)`/g)
  return [...names].map(([, name]) => name ?? '')
}

it.each(documents)('%s links to files that exist', (document) => {
  expect(linkedFiles(document).filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})

it('docs/coverage.md names files that exist', () => {
  const names = namedFiles()
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => !existsSync(path.join(root, name)))).toEqual([])
})
