import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { LLMError } from '../errors/index.js'
import { tool } from './tool.js'
import type { StandardToolSchema, Tool, ToolSchema } from './types.js'

const execute = (): null => null

function errorOf(run: () => unknown): LLMError {
  try {
    run()
  } catch (error) {
    if (error instanceof LLMError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('types', () => {
  it('types the input by a zod schema, after its transforms', () => {
    const made = tool({
      name: 'book',
      description: 'Book a table',
      inputSchema: z.object({
        people: z.number(),
        when: z.string().default('now'),
        note: z.string().optional(),
        where: z.enum(['inside', 'outside']),
      }),
      execute: (input, { signal, toolCallId }) => {
        expectTypeOf(input).toEqualTypeOf<{
          people: number
          when: string
          note?: string | undefined
          where: 'inside' | 'outside'
        }>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(toolCallId).toEqualTypeOf<string>()
        return { ok: true }
      },
    })
    expectTypeOf(made.name).toEqualTypeOf<'book'>()
    expectTypeOf(made).toExtend<Tool<{ people: number; where: 'inside' | 'outside'; when: string }, { ok: boolean }>>()
  })

  it('types the input by plain JSON Schema', () => {
    tool({
      name: 'paint',
      description: 'Paint',
      inputSchema: {
        type: 'object',
        properties: {
          color: { enum: ['red', 'blue'] },
          size: { type: 'integer' },
          tags: { type: 'array', items: { type: 'string' } },
          at: { type: 'object', properties: { x: { type: 'number' }, y: { type: ['number', 'null'] } }, required: ['x', 'y'] },
          mode: { anyOf: [{ const: 'fast' }, { type: 'boolean' }] },
          rest: {},
        },
        required: ['color', 'at'],
      },
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{
          color: 'red' | 'blue'
          at: { x: number; y: number | null }
          size?: number
          tags?: string[]
          mode?: boolean | 'fast'
          rest?: unknown
        }>()
        return null
      },
    })
  })

  it('types the input by any Standard Schema that gives JSON Schema', () => {
    const inputSchema: StandardToolSchema<{ a: string }, { a: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({ value: { a: 1 } }),
        jsonSchema: { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) },
      },
    }
    const made = tool({ name: 'a', description: 'A', inputSchema, execute: async ({ a }) => a })
    expectTypeOf(made).toEqualTypeOf<Tool<{ a: number }, number, 'a'>>()
  })

  it('leaves the input of a schema that is only known at run time open', () => {
    const inputSchema: ToolSchema = { type: 'object' }
    tool({ name: 'a', description: 'A', inputSchema, execute: (input) => expectTypeOf(input).toEqualTypeOf<unknown>() })
  })

  it('lets tools of different inputs stand in one list, and calls none of them unvalidated', () => {
    const one = tool({ name: 'one', description: '1', inputSchema: z.object({ a: z.string() }), execute: ({ a }) => a })
    const two = tool({ name: 'two', description: '2', inputSchema: { type: 'object' }, execute })
    const tools: readonly Tool[] = [one, two]
    // @ts-expect-error some tool's input is not known to be this one
    void (() => tools[0]?.execute?.({ a: 'x' }, { toolCallId: '', signal: AbortSignal.abort() }))
    // @ts-expect-error a is missing
    void (() => one.execute?.({}, { toolCallId: '', signal: AbortSignal.abort() }))
    expect(tools.map(({ name }) => name)).toEqual(['one', 'two'])
  })
})

describe('types of a tool with more than a handler', () => {
  const inputSchema = z.object({ amount: z.number(), note: z.string().default('') })

  it('type needsApproval by the schema', () => {
    tool({
      name: 'pay',
      description: 'Pay',
      inputSchema,
      needsApproval: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ amount: number; note: string }>()
        return input.amount > 100
      },
      execute: ({ amount }) => amount,
    })
  })

  it('type the result by outputSchema, before its transforms', () => {
    const made = tool({
      name: 'pay',
      description: 'Pay',
      inputSchema,
      outputSchema: z.object({ state: z.enum(['paid', 'refused']), lines: z.array(z.string()), fee: z.number().default(0) }),
      execute: async ({ amount }) => ({ state: amount > 0 ? 'paid' : 'refused', lines: ['a', `${amount}`] }),
    })
    expectTypeOf(made).toEqualTypeOf<
      Tool<{ amount: number; note: string }, { state: 'paid' | 'refused'; lines: string[]; fee?: number | undefined }, 'pay'>
    >()
    // @ts-expect-error the schema has no such state
    tool({
      name: 'pay',
      description: 'Pay',
      inputSchema,
      outputSchema: { type: 'object', properties: { state: { enum: ['paid'] } }, required: ['state'] },
      execute: () => ({ state: 'lost' }),
    })
    // @ts-expect-error a number is no state
    tool({
      name: 'pay',
      description: 'Pay',
      inputSchema,
      outputSchema: z.object({ state: z.string() }),
      execute: () => ({ state: 1 }),
    })
  })

  it('take a word for itself, and anything where the schema is only known at run time', () => {
    const outputSchema: ToolSchema = { type: 'string' }
    const open = tool({ name: 'a', description: 'A', inputSchema, outputSchema, execute: (): unknown => 'x' })
    const closed = tool({ name: 'b', description: 'B', inputSchema, outputSchema: z.enum(['on', 'off']), execute: () => 'on' })
    expectTypeOf(closed).toExtend<Tool<{ amount: number; note: string }, 'on' | 'off', 'b'>>()
    // @ts-expect-error another word
    const wrong = tool({ name: 'c', description: 'C', inputSchema, outputSchema: z.enum(['on', 'off']), execute: () => 'of' })
    expect([open, closed, wrong].map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('type what render is given by the schemas, as JSON has it', () => {
    tool({
      name: 'pay',
      description: 'Pay',
      inputSchema: z.object({ amount: z.coerce.number<string>(), kind: z.enum(['gift', 'bill']).default('bill'), to: z.array(z.string()) }),
      outputSchema: z.object({ at: z.date(), fee: z.number().default(0) }),
      execute: () => ({ at: new Date() }),
      render: ({ part, approve, deny }) => {
        expectTypeOf(part.toolName).toEqualTypeOf<'pay'>()
        expectTypeOf(part.type).toEqualTypeOf<'tool-pay'>()
        if (part.state === 'input-streaming') {
          expectTypeOf(part.partialInput).toEqualTypeOf<{ amount?: string; kind?: string; to?: string[] } | undefined>()
        } else if (part.state === 'output-available') {
          expectTypeOf(part.input).toEqualTypeOf<{ amount: string; kind?: 'gift' | 'bill' | undefined; to: string[] }>()
          expectTypeOf(part.output).toEqualTypeOf<{ at: string; fee: number }>()
        } else if (part.state === 'output-error') {
          expectTypeOf(part.input).toEqualTypeOf<unknown>()
        }
        expectTypeOf(approve).toEqualTypeOf<() => void>()
        expectTypeOf(deny).toEqualTypeOf<(reason?: string) => void>()
      },
    })
    const made = tool({
      name: 'look',
      description: 'Look',
      inputSchema: { type: 'object', properties: { deep: { type: 'boolean' } } },
      execute: async ({ deep }) => ({ found: deep ? ['a'] : [], when: new Date(), more: undefined }),
      render: ({ part }) => {
        if (part.state === 'output-available') expectTypeOf(part.output).toEqualTypeOf<{ found: string[]; when: string; more: undefined }>()
        // @ts-expect-error nothing has been found yet
        else void part.output
      },
    })
    const tools: readonly Tool[] = [made]
    expect(tools).toHaveLength(1)
  })

  it('leave the result of a tool that the app answers open to render', () => {
    tool({
      name: 'ask',
      description: 'Ask',
      inputSchema,
      render: ({ part, addToolResult }) => {
        if (part.state === 'output-available') expectTypeOf(part.output).toEqualTypeOf<unknown>()
        return () => addToolResult({ output: 'yes' })
      },
    })
  })

  it('need no handler', () => {
    const made = tool({ name: 'ask', description: 'Ask', inputSchema, needsApproval: true })
    expectTypeOf(made.name).toEqualTypeOf<'ask'>()
    expect(made).toEqual({ name: 'ask', description: 'Ask', inputSchema, needsApproval: true })
  })
})

describe('tool', () => {
  it.each(['', 'with space', '1st', 'a.b', 'é', 'a'.repeat(65), undefined])('refuses the name %j', (name) => {
    const error = errorOf(() => tool({ name: name as string, description: 'x', inputSchema: { type: 'object' }, execute }))
    expect(error).toMatchObject({ code: 'invalid-tool', subject: 'name' })
  })

  it.each(['a', '_x', 'set-color_2', 'a'.repeat(64)])('takes the name %j', (name) => {
    expect(tool({ name, description: 'x', inputSchema: { type: 'object' }, execute }).name).toBe(name)
  })

  it('refuses a blank description', () => {
    const error = errorOf(() => tool({ name: 'a', description: ' ', inputSchema: { type: 'object' }, execute }))
    expect(error).toMatchObject({ code: 'invalid-tool', subject: 'description' })
    expect(error.message).toContain('"a"')
  })

  it.each<[string, Partial<Omit<Tool<unknown>, 'outputSchema' | 'render'> & { render: () => unknown }>]>([
    ['execute', { execute: 'run' as unknown as () => null }],
    ['needsApproval', { needsApproval: 'yes' as unknown as boolean }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: Infinity }],
    ['onDoubt', { onDoubt: 'ask' as unknown as 'confirm' }],
    ['render', { render: '<b>' as unknown as () => string }],
  ])('refuses a wrong %s: %j', (subject, wrong) => {
    const error = errorOf(() => tool({ name: 'a', description: 'x', inputSchema: { type: 'object' }, execute, ...wrong }))
    expect(error).toMatchObject({ code: 'invalid-tool', subject })
    expect(error.message).toContain('"a"')
  })

  it('keeps all that it was given, and nothing else', () => {
    const given = {
      name: 'a',
      description: 'x',
      inputSchema: { type: 'object' },
      outputSchema: { type: 'null' },
      execute,
      needsApproval: () => true,
      timeout: 5,
      annotations: { readOnly: true },
      onDoubt: 'refuse',
      render: () => 'drawn',
    } as const
    expect(tool({ ...given, extra: 1 } as typeof given)).toEqual(given)
  })

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['a list', []],
    ['no object', { type: 'string' }],
    ['without type', { properties: {} }],
    ['zod without object', z.string()],
    ['zod without JSON Schema', z.object({ at: z.date() })],
    ['a Standard Schema without JSON Schema', { '~standard': { version: 1, vendor: 'old', validate: () => ({ value: 1 }) } satisfies StandardSchemaV1.Props }],
  ])('refuses a schema that is %s', (_case, schema) => {
    const error = errorOf(() => tool({ name: 'a', description: 'x', inputSchema: schema as ToolSchema, execute }))
    expect(error).toMatchObject({ code: 'invalid-tool', subject: 'inputSchema' })
    expect(error.message).toContain('"a"')
  })
})
