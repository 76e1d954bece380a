import { describe, expect, it } from 'vitest'
import { ChatTemplate } from './ChatTemplate.js'

const doubled = (what: string, start: string, next: string): string =>
  `{% set ns = namespace(v=${start}) %}{% for i in range(60) %}{% set ns.v = ${next} %}{% endfor %}{{ ns.v ${what} }}`
const long = "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(17) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"

const explosions: [string, string][] = [
  ['a range without end', '{% for i in range(1000000000) %}{% endfor %}'],
  ['a range of infinity', '{% for i in range(10 ** 308) %}{% endfor %}'],
  ['a range that goes nowhere', '{% for i in range(0, 5, 0) %}{% endfor %}'],
  ['loops in loops', '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}'],
  ['loops in loops over one list', '{% set a = range(99999) %}{% for i in a %}{% for j in a %}{% endfor %}{% endfor %}'],
  ['loops whose rounds are left out', '{% set a = range(99999) %}{% for i in a %}{% for j in a if false %}{% endfor %}{% endfor %}'],
  ['a text that doubles', doubled('', "'aaaaaaaa'", 'ns.v ~ ns.v')],
  ['a list that holds itself twice', doubled('| tojson', "['x']", '[ns.v, ns.v]')],
  ['namespaces that do', "{% set ns = namespace(a=namespace()) %}{% for i in range(60) %}{% set n = namespace() %}{% set n.l = ns.a %}{% set n.r = ns.a %}{% set ns.a = n %}{% endfor %}{{ ns.a | tojson }}"],
  ['a namespace that holds itself', '{% set ns = namespace() %}{% set ns.self = ns %}{{ ns | tojson }}'],
  ['calls that double', '{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}'],
  ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
  ['too much output', `{% for i in range(90000) %}${'a'.repeat(100)}{% endfor %}`],
  ['an absurd indent', "{{ 'a\nb' | indent(500000000) }}"],
  ['an absurd indent of JSON', "{{ {'a': [1]} | tojson(indent=400000000) }}"],
  ['a replacement that multiplies', `${long}{{ ns.s.replace('a', ns.s) }}`],
  ['a separator that multiplies', `${long}{{ range(99999) | join(ns.s) }}`],
  ['a text in a million parts', `${long}{% for x in ns.s.split('a') %}{% endfor %}`],
  ['brackets without end', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`],
  ['a chain without end', `{{ ${'a~'.repeat(100_000)}a }}`],
  ['blocks without end', '{% if a %}'.repeat(50_000)],
  ['a source of megabytes', 'x'.repeat(2_000_000)],
]

describe('a chat template that explodes', () => {
  it.each(explosions)('ends in an error: %s', (_what, source) => {
    const startedAt = performance.now()
    expect(() => new ChatTemplate(source, {}).render({ messages: [] })).toThrow(expect.objectContaining({ name: 'LLMError', code: 'chat-template-failed' }))
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  }, 30_000)
})

describe('a chat template that is only busy', () => {
  const messages = Array.from({ length: 300 }, (_, i) => ({ role: i % 2 ? ('assistant' as const) : ('user' as const), content: 'Hello there. '.repeat(100) }))

  it('renders hundreds of messages that it looks at again and again', () => {
    const template = new ChatTemplate("{% for m in messages %}{% if loop.first or messages[loop.index0 - 1].role != m.role %}<{{ m['role'] | upper }}>{% endif %}{{ m.content | trim }}{% endfor %}", {})
    expect(template.render({ messages })).toHaveLength(300 * (100 * 13 - 1) + 150 * ('<USER>'.length + '<ASSISTANT>'.length))
  })

  it('has the names and filters of Jinja', () => {
    const source =
      "{{ range(3) | tojson }}{{ range(5, 1, -2) | tojson }}{% set ns = namespace(a=1) %}{% set ns.a = ns.a + 1 %}{{ ns.a }}{{ True and not False }}{{ none is none }}" +
      "{{ strftime_now('%Y') | length }}{{ ['b', 'a'] | sort | join('-') }}{{ 'a\nb' | indent(2) }}"
    expect(new ChatTemplate(source, {}).render({ messages: [] })).toBe('[0, 1, 2][5, 3]2truetrue4a-ba\n  b')
    expect(() => new ChatTemplate("{{ raise_exception('Roles must alternate') }}", {}).render({ messages: [] })).toThrow('Roles must alternate')
  })

  it('renders each conversation with a budget of its own', () => {
    const template = new ChatTemplate(`${long}{% for i in range(100) %}{{ ns.s | length }}{% endfor %}`, {})
    for (let i = 0; i < 6; i++) expect(template.render({ messages: [] })).toBe(String(8 * 2 ** 17).repeat(100))
    // More than that is too much for one.
    expect(() => new ChatTemplate(`${long}{% for i in range(600) %}{{ ns.s | length }}{% endfor %}`, {}).render({ messages: [] })).toThrow(/does not end/)
  })
})
