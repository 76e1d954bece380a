import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createJSONValidator } from './createJSONValidator.js'
import { toJSONSchema, validateInput } from './schema.js'
import type { ToolSchema } from './types.js'

describe('toJSONSchema', () => {
  it('gives what the model may write, not what the handler gets', () => {
    const schema = z.object({
      count: z.number().int().min(1).default(1),
      name: z.string().transform((name) => name.length),
    })
    expect(toJSONSchema(schema)).toEqual({
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1 }, name: { type: 'string' } },
      required: ['name'],
    })
  })

  it('passes plain JSON Schema on as it is', () => {
    const schema = { type: 'object', properties: {} }
    expect(toJSONSchema(schema)).toBe(schema)
  })

  it('takes schemas that are functions', () => {
    const schema = Object.assign(() => null, { '~standard': z.object({ a: z.string() })['~standard'] })
    expect(toJSONSchema(schema as unknown as ToolSchema)).toMatchObject({ type: 'object', required: ['a'] })
  })
})

describe('validateInput', () => {
  it('gives the transformed value, also of an async schema', async () => {
    const schema = z.object({ id: z.string().transform(async (id) => Number(id)) })
    await expect(validateInput(schema, { id: '7' })).resolves.toEqual({ id: 7 })
  })

  it('names every issue with its path', async () => {
    const schema = z.object({ a: z.object({ b: z.array(z.number()) }), c: z.enum(['x']) })
    const failure = validateInput(schema, { a: { b: [1, 'two'] }, c: 'y' }, 'paint')
    await expect(failure).rejects.toMatchObject({ code: 'invalid-tool-input', subject: 'paint' })
    await expect(failure).rejects.toThrow(/a\.b\.1: .*; c: /)
  })

  it('leaves plain JSON Schema to the worker', async () => {
    await expect(validateInput({ type: 'object', required: ['a'] }, {})).resolves.toEqual({})
  })
})

describe('createJSONValidator', () => {
  const validate = createJSONValidator({
    type: 'object',
    properties: {
      color: { enum: ['red', 'blue'] },
      size: { type: 'integer', minimum: 1, maximum: 10 },
      lights: { type: 'array', items: { $ref: '#/$defs/light' } },
      code: { type: 'string', pattern: '^[A-Z]{2}$' },
    },
    required: ['color'],
    additionalProperties: false,
    $defs: { light: { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'] } },
  })

  it('lets valid values pass', () => {
    expect(validate({ color: 'red', size: 10, lights: [{ on: true }], code: 'AB' })).toBeUndefined()
  })

  it.each<[unknown, string, string]>([
    [{}, 'color', 'missing'],
    [{ color: 'green' }, 'color: ', 'a value that is none of the enum'],
    [{ color: 'red', size: '3' }, 'size: ', 'a string for a number'],
    [{ color: 'red', size: 1.5 }, 'size: ', 'a fraction for an integer'],
    [{ color: 'red', size: 11 }, 'size: ', 'too large'],
    [{ color: 'red', lights: [{ on: true }, { on: 1 }] }, 'lights.1.on: ', 'wrong deep inside'],
    [{ color: 'red', lights: [{}] }, 'lights.0: ', 'missing deep inside'],
    [{ color: 'red', code: 'abc' }, 'code: ', 'against the pattern'],
    [{ color: 'red', colour: 'blue' }, 'colour', 'a key too many'],
    [[], '', 'a list'],
  ])('names what is wrong in %j', (value, part) => {
    expect(validate(value)).toContain(part)
  })
})
