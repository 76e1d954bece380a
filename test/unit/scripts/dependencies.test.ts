import { describe, expect, it } from 'vitest'
import { missingPackages } from '../../../scripts/lib/dependencies.mjs'

const wanted = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/native-for-another-system': { version: '1.0.0', optional: true },
    'node_modules/example': { link: true },
    'examples/example': { version: '0.0.0' },
  },
}

describe('missingPackages', () => {
  it('finds nothing where everything but optional packages is there', () => {
    const installed = { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/example': { link: true } } }
    expect(missingPackages(wanted, installed)).toEqual([])
  })

  it('finds a package that is absent', () => {
    expect(missingPackages(wanted, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toEqual(['example'])
  })

  it('finds a package of another version, optional or not', () => {
    const installed = {
      packages: {
        'node_modules/a': { version: '0.9.0' },
        'node_modules/native-for-another-system': { version: '2.0.0' },
        'node_modules/example': { link: true },
      },
    }
    expect(missingPackages(wanted, installed)).toEqual(['a', 'native-for-another-system'])
  })
})
