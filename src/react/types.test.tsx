import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { LLMError, LoadProgress, ReadyModel, UIMessage } from '../index.js'
import { LLMProvider, tool, useTool, type Engine, type Tool, type UseFunctionCallingResult, type UseLLMResult, type UseModelStorageResult } from '../index.js'

// Checked by the compiler; nothing here runs.
const unchecked = (_body: () => void) => undefined

describe('types', () => {
  it('tell the model’s states apart', () => {
    unchecked(() => {
      const llm = {} as UseLLMResult
      if (llm.status === 'ready') {
        expectTypeOf(llm.model).toEqualTypeOf<ReadyModel>()
        expectTypeOf(llm.error).toEqualTypeOf<undefined>()
      }
      if (llm.isReady) expectTypeOf(llm.runtime).toEqualTypeOf<'onnx' | 'transformers'>()
      if (llm.status === 'downloading' || llm.status === 'loading') {
        expectTypeOf(llm.progress).toEqualTypeOf<LoadProgress>()
      }
      if (llm.status === 'error' || llm.status === 'unsupported') expectTypeOf(llm.error).toEqualTypeOf<LLMError>()
      if (llm.status === 'idle') expectTypeOf(llm.model).toEqualTypeOf<undefined>()
      // @ts-expect-error there is no such status
      if (llm.status === 'done') return
    })
  })

  it('tell the turn’s states apart', () => {
    unchecked(() => {
      const chat = {} as UseFunctionCallingResult
      expectTypeOf(chat.messages).toEqualTypeOf<readonly UIMessage[]>()
      if (chat.status === 'error') expectTypeOf(chat.error).toEqualTypeOf<LLMError>()
      else expectTypeOf(chat.error).toEqualTypeOf<undefined>()
      if (chat.isBusy) expectTypeOf(chat.status).toEqualTypeOf<'submitted' | 'streaming' | 'awaiting-approval'>()
      expectTypeOf(chat.sendMessage).toEqualTypeOf<(message: { text: string }) => Promise<void>>()
      const storage = {} as UseModelStorageResult
      if (storage.status === 'error') expectTypeOf(storage.error).toEqualTypeOf<LLMError>()
    })
  })

  it('give handlers the input that their schema describes', () => {
    unchecked(() => {
      useTool({
        name: 'set_color',
        description: 'Sets the colour',
        inputSchema: z.object({ color: z.enum(['red', 'blue']), opacity: z.number().default(1) }),
        execute: ({ color, opacity }, { signal, toolCallId }) => {
          expectTypeOf(color).toEqualTypeOf<'red' | 'blue'>()
          expectTypeOf(opacity).toEqualTypeOf<number>()
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
          expectTypeOf(toolCallId).toEqualTypeOf<string>()
        },
      })
      useTool({
        name: 'set_level',
        description: 'Sets the level',
        inputSchema: { type: 'object', properties: { level: { type: 'number' } }, required: ['level'] },
        execute: ({ level }) => {
          expectTypeOf(level).toEqualTypeOf<number>()
        },
      })
      useTool({
        name: 'pay',
        description: 'Pays',
        inputSchema: z.object({ amount: z.number() }),
        outputSchema: z.object({ state: z.enum(['paid', 'refused']) }),
        needsApproval: ({ amount }) => {
          expectTypeOf(amount).toEqualTypeOf<number>()
          return amount > 100
        },
        execute: ({ amount }) => ({ state: amount > 0 ? 'paid' : 'refused' }),
      })
      useTool({ name: 'ask', description: 'Asks the user', inputSchema: z.object({ question: z.string() }) })
      useTool(tool({ name: 'a', description: 'A', inputSchema: z.object({ b: z.string() }), execute: ({ b }) => b }))
      useTool({
        name: 'wrong',
        description: 'Reads what is not there',
        inputSchema: z.object({ color: z.string() }),
        // @ts-expect-error the schema has no such key
        execute: ({ colour }) => colour,
      })
    })
  })

  it('hold results to outputSchema, and what render gives to what React can show', () => {
    unchecked(() => {
      const description = 'Pays'
      const inputSchema = z.object({ amount: z.number() })
      const outputSchema = z.object({ state: z.enum(['paid', 'refused']), fee: z.number().default(0) })
      // @ts-expect-error there is no such state
      useTool({ name: 'pay', description, inputSchema, outputSchema, execute: () => ({ state: 'lost' }) })
      // @ts-expect-error a number is no state, not even later
      useTool({ name: 'pay', description, inputSchema, outputSchema, execute: async ({ amount }) => ({ state: amount }) })
      // @ts-expect-error the state is missing
      useTool({ name: 'pay', description, inputSchema, outputSchema, execute: () => ({}) })
      // @ts-expect-error not what plain JSON Schema says either
      useTool({ name: 'pay', description, inputSchema, outputSchema: { type: 'string' }, execute: () => 1 })
      useTool({ name: 'pay', description, inputSchema, outputSchema: { enum: ['paid', 'lost'] }, execute: () => 'paid' })
      useTool(tool({ name: 'pay', description, inputSchema, outputSchema, execute: () => ({ state: 'paid' }) }))
      const tools: readonly Tool[] = []
      useTool(tools[0]!)
      useTool({
        name: 'pay',
        description,
        inputSchema,
        outputSchema,
        execute: () => ({ state: 'paid' }),
        render: ({ part, approve }) => {
          if (part.state === 'output-available') expectTypeOf(part.output).toEqualTypeOf<{ state: 'paid' | 'refused'; fee: number }>()
          return part.state === 'approval-requested' ? <button onClick={approve}>{part.input.amount}</button> : undefined
        },
      })
      // @ts-expect-error React shows no dates
      useTool({ name: 'pay', description, inputSchema, execute: () => 1, render: () => new Date() })
      // @ts-expect-error nor from tool()
      tool({ name: 'pay', description, inputSchema, execute: () => 1, render: () => new Date() })
    })
  })

  it('let a provider have a config or an engine', () => {
    unchecked(() => {
      const engine = {} as Engine
      void [
        <LLMProvider config={{ models: { onnx: '/m' } }} />,
        <LLMProvider engine={engine} config={{ load: 'eager' }} />,
        // @ts-expect-error neither a config nor an engine
        <LLMProvider />,
        // @ts-expect-error no such runtime
        <LLMProvider config={{ preferredRuntime: 'webllm', models: { onnx: '/m' } }} />,
        // @ts-expect-error the engine has its models already
        <LLMProvider engine={engine} config={{ models: { onnx: '/m' } }} />,
      ]
    })
  })
})
