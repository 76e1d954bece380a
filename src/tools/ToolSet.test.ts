import { expect, it } from 'vitest'
import { z } from 'zod'
import { tool } from './tool.js'
import { ToolSet } from './ToolSet.js'

const red = tool({ name: 'red', description: 'Red', inputSchema: z.object({ n: z.number() }), execute: ({ n }) => n })
const blue = tool({ name: 'blue', description: 'Blue', inputSchema: { type: 'object' }, execute: () => null })

it('shows the tools as the model sees them', () => {
  expect(new ToolSet([red, blue]).specs()).toEqual([
    { name: 'red', description: 'Red', inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } },
    { name: 'blue', description: 'Blue', inputSchema: { type: 'object' } },
  ])
})

it('refuses two tools of one name', () => {
  expect(() => new ToolSet([red, blue, { ...red }])).toThrow(
    expect.objectContaining({ code: 'duplicate-tool', subject: 'red' }),
  )
})

it('finds a tool, and names the others where there is none', () => {
  const tools = new ToolSet([red, blue])
  expect(tools.get('blue')).toBe(blue)
  expect(() => tools.get('toString')).toThrow(expect.objectContaining({ code: 'unknown-tool', subject: 'toString' }))
  expect(() => tools.get('green')).toThrow(/red, blue/)
  expect(() => new ToolSet().get('green')).toThrow(/none/)
})
