import { z } from 'zod'
import type { ToolCallParserOptions } from '../../parser/createToolCallParser.js'

const text = { type: 'string' }

/** The tools of all format cases. */
export const testTools = [
  { name: 'set_color', inputSchema: z.object({ color: z.enum(['red', 'blue']), fade: z.number().optional() }) },
  { name: 'get_color', inputSchema: { type: 'object', properties: {} } },
  { name: 'write', inputSchema: { type: 'object', properties: { text }, required: ['text'] } },
  { name: 'any', inputSchema: { type: 'object' } },
  {
    name: 'all',
    inputSchema: {
      type: 'object',
      properties: {
        text,
        count: { type: 'integer' },
        ratio: { type: 'number' },
        on: { type: 'boolean' },
        none: { type: 'null' },
        list: { type: 'array', items: {} },
        nested: { type: 'object' },
      },
    },
  },
] satisfies ToolCallParserOptions['tools']
