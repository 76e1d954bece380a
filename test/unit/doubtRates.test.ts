import { afterAll, describe, expect, it } from 'vitest'
import { findDoubts, type DoubtKind } from '../../src/tools/doubts/index.js'
import { isEnglish } from '../../src/tools/doubts/words.js'
import { asDoubtContext, bentCall, inventedCall, similarCall, writtenApps, type RequestSet } from '../helpers/handWritten.js'

// How often right calls are doubted, and wrong ones are: measured on the hand-written requests, which
// the rules were tuned on, except `test`. DOUBT_SETS=test measures that one, DOUBT_SETS=dev,demos,requests all of
// the others; a plain run takes a quarter of the apps of `requests`.

interface Rate {
  hits: number
  of: number
}

class Rates {
  readonly #rates = new Map<string, Rate>()

  add(name: string, isHit: boolean): void {
    const rate = this.#rates.get(name) ?? { hits: 0, of: 0 }
    this.#rates.set(name, { hits: rate.hits + Number(isHit), of: rate.of + 1 })
  }

  share(name: string): number {
    const { hits, of } = this.#rates.get(name) ?? { hits: 0, of: 0 }
    return hits / of
  }

  toString(): string {
    return [...this.#rates].map(([name, { hits, of }]) => `${name} ${((100 * hits) / of).toFixed(1)} % of ${of}`).join('\n  ')
  }
}

/** @param every measures the first of so many apps. */
function measure(set: RequestSet, every: number): Rates {
  const rates = new Rates()
  for (const app of writtenApps(set).filter((_, i) => i % every === 0)) {
    for (const request of app.requests) {
      const kindsAt = (call: (typeof request.calls)[number], path?: string) =>
        findDoubts(asDoubtContext(app, request, call)).filter((doubt) => path === undefined || doubt.path === path).map(({ kind }) => kind)
      for (const call of request.calls) {
        const kinds = kindsAt(call)
        rates.add(`right, ${request.kind}: doubted`, kinds.length > 0)
        rates.add('right: doubted', kinds.length > 0)
        for (const kind of ['ungrounded', 'negated', 'out-of-range'] satisfies DoubtKind[]) rates.add(`right: ${kind}`, kinds.includes(kind))
        const invented = inventedCall(app, request, call)
        if (invented) rates.add(`invented ${typeof invented.call.arguments[invented.parameter]}: found`, kindsAt(invented.call, `/${invented.parameter}`).length > 0)
      }
      const refused = request.kind === 'negation' && isEnglish(request.say ?? '') ? similarCall(app, request) : undefined
      if (refused) rates.add('negated: found', kindsAt(refused).includes('negated'))
      const bent = request.kind === 'out-of-range' ? bentCall(app, request) : undefined
      if (bent) {
        const kinds = kindsAt(bent.call, `/${bent.parameter}`)
        rates.add('bent: found', kinds.length > 0)
        rates.add('bent: found as out-of-range', kinds.includes('out-of-range'))
      }
    }
  }
  return rates
}

/** Printed after the tests, so that a change of the rules shows what it does. */
const report: string[] = []
afterAll(() => {
  process.stdout.write(`${report.join('\n')}\n`)
})

const sets = (process.env.DOUBT_SETS?.split(',') ?? ['dev', 'demos', 'requests']) as RequestSet[]

// Bounds stand off what was measured, so that a new request of a set may fail a rule without failing the test.
const bounds: Record<RequestSet, { right: number; single: number; negated: number; bent: number }> = {
  dev: { right: 0.04, single: 0.04, negated: 0.8, bent: 0.9 },
  demos: { right: 0.03, single: 0.03, negated: 0.85, bent: 0.7 },
  requests: { right: 0.04, single: 0.03, negated: 0.86, bent: 0.88 },
  test: { right: 0.08, single: 0.06, negated: 0.7, bent: 0.7 },
}

describe.each(sets)('doubts in %s', (set) => {
  const rates = measure(set, set === 'requests' && process.env.DOUBT_SETS === undefined ? 4 : 1)
  report.push(`${set}\n  ${rates}`)

  it('are rare about right calls', () => {
    expect(rates.share('right: doubted')).toBeLessThan(bounds[set].right)
    expect(rates.share('right, single: doubted')).toBeLessThan(bounds[set].single)
  })

  it('find calls that the user asked not to make', () => {
    expect(rates.share('negated: found')).toBeGreaterThan(bounds[set].negated)
  })

  it('find numbers bent into range', () => {
    expect(rates.share('bent: found')).toBeGreaterThan(bounds[set].bent)
  })
})
