import { describe, expect, it } from 'vitest'
import { checkPath, encodePath, isSafePath } from './filePath.js'
import { resolveModel } from './resolveModel.js'

const escapes = [
  ...['', '.', '..', '../x', 'a/../../x', 'a/..', '/etc/passwd', '//evil.example/x', 'a//b', './x', 'a/./b', '.hidden', 'a/.git/config'],
  ...['https://evil.example/x', 'HTTP://evil.example', 'data:text/plain,x', 'blob:https://app.example/1', 'file:///etc/passwd', 'javascript:0', 'c:/x'],
  ...['..\\x', 'a\\..\\..\\x', '\\\\evil\\x', '\u0000x', 'a\n../b', '\t../x', 'x'.repeat(513), 5, null, undefined, ['a'], {}],
]

// Allowed, and no way out either: on a server each is one file's name.
const literal = ['%2e%2e/%2e%2e/x', '%2e%2e%2fx', 'a?b=../c', 'a#../b', '\uff0e\uff0e/x', '@evil.example/x', 'a b/ü', '__proto__']

describe('names of files that a model brings', () => {
  it.each(escapes)('%j is refused', (path) => {
    expect(isSafePath(path)).toBe(false)
    expect(() => checkPath(path, 'manifest.json')).toThrow(expect.objectContaining({ name: 'LLMError', code: 'model-corrupt' }))
  })

  it.each(literal)('%j stays inside the folder and on the host', (path) => {
    for (const [id, root] of [
      ['/models/m', 'https://app.example/models/m/'],
      ['https://cdn.example/m?sig=1', 'https://cdn.example/m/'],
      ['org/m', 'https://hub.example/org/m/resolve/main/'],
    ] as const) {
      const source = resolveModel(id, { baseURL: 'https://app.example/page/', hubURL: 'https://hub.example' })
      const url = new URL(source.url(path))
      expect(url.origin + url.pathname).toBe(root + encodePath(path))
      expect(url.pathname.split('/')).not.toContain('..')
      expect(url.hash).toBe('')
      expect(() => source.url('../x')).toThrow(expect.objectContaining({ code: 'model-corrupt' }))
    }
  })
})
