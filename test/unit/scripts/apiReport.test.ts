import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { apiReport } from '../../../scripts/lib/apiReport.mjs'

let dist: string

beforeEach(() => {
  dist = path.join(mkdtempSync(path.join(tmpdir(), 'api-')), 'dist')
  mkdirSync(dist)
  writeFileSync(path.join(dist, 'package.json'), '{ "type": "module" }')
})

const write = (name: string, text: string) => writeFileSync(path.join(dist, name), text)

describe('apiReport', () => {
  it('shows what an entry exports, through re-exports and renamings', () => {
    write('thing.d.ts', '/** Why. */\nexport interface Thing { size: number }\nexport declare function make(): Thing;')
    write('index.d.ts', "export { make as makeThing } from './thing.js'")
    const report = apiReport('kit', path.join(dist, 'index.d.ts'))
    expect(report).toContain('// exported as makeThing\nfunction make(): Thing;')
    expect(report).not.toContain('Why.')
  })

  it('shows types that are only mentioned, because a change to them changes the API too', () => {
    write('index.d.ts', 'interface Hidden { a: string }\nexport declare const value: Hidden;\nexport {}')
    const [exported, mentioned] = apiReport('kit', path.join(dist, 'index.d.ts')).split('## Types these mention')
    expect(exported).toContain('const value: Hidden;')
    expect(mentioned).toContain('interface Hidden')
  })

  it('does not depend on the order of declarations', () => {
    write('index.d.ts', 'export type A = 1;\nexport type B = 2;')
    write('other.d.ts', 'export type B = 2;\nexport type A = 1;')
    expect(apiReport('kit', path.join(dist, 'index.d.ts'))).toBe(apiReport('kit', path.join(dist, 'other.d.ts')))
  })
})
