import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const codes = [...readFileSync(path.join(root, 'src/errors/codes.ts'), 'utf8').matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code)
const sections = readFileSync(path.join(root, 'docs/errors.md'), 'utf8').split(/^### /m).slice(1)
const titles = sections.map((section) => /^`([a-z-]+)`/.exec(section)?.[1])

describe('docs/errors.md', () => {
  it('has a section for every code and no other', () => {
    expect(codes.length).toBeGreaterThan(20)
    expect(titles.toSorted()).toEqual(codes.toSorted())
  })

  it.each(sections)('says what to do: %s', (section) => {
    expect(section).toContain('**Do:**')
  })
})
