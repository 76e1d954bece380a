import { createEngine, type Engine, type LLMConfig } from 'react-edge-llm/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { isLong } from '../helpers/isLong.js'
import { prompts } from '../helpers/prompts.js'
import { loadReference } from '../helpers/transformersReference.js'

// All 20 take a minute more, and run with LONG=1.
const asked = isLong ? prompts : prompts.slice(0, 10)

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof loadReference>>['generate']>>

async function answer(engine: Engine, content: string, maxTokens: number) {
  let text = ''
  for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
    if (event.type === 'text-delta') text += event.text
    if (event.type === 'finish') return { promptTokens: event.metrics.promptTokens, ids: event.tokenIds, text }
  }
  throw new Error('The generation ended without `finish`')
}

describe.each<{ model: TestModel; dtype: 'fp32' | 'q8'; maxTokens: number }>([
  { model: 'smollm2-tiny', dtype: 'fp32', maxTokens: 64 },
  { model: 'smollm2-tiny', dtype: 'q8', maxTokens: 64 },
  { model: 'smollm2-135m-instruct', dtype: 'q8', maxTokens: 64 },
])('$model, $dtype: the same tokens as Transformers.js', ({ model, dtype, maxTokens }) => {
  let expected: Answer[]

  beforeAll(async () => {
    const reference = await loadReference(model, dtype)
    expected = []
    for (const prompt of asked) expected.push(await reference.generate(prompt, maxTokens))
    await reference.dispose()
  })

  describe.each(['onnx', 'transformers'] as const)('runtime %s', (runtime) => {
    let engine: Engine
    beforeAll(() => {
      engine = createEngine({ models: { [runtime]: modelFolder(model) } as LLMConfig['models'], dtype })
    })
    afterAll(() => engine.dispose())

    it.each(asked.map((prompt, i) => [prompt, i] as const))('%s', async (prompt, i) => {
      const { promptTokens, ids, text } = await answer(engine, prompt, maxTokens)
      expect(promptTokens).toBe(expected[i]!.prompt.length)
      expect(ids).toEqual(expected[i]!.answer)
      expect(text).toBe(expected[i]!.text.replace(/\ufffd$/, ''))
    })
  })
})

describe('a prompt of several prefill runs', () => {
  const long = `Summarize this. ${'The river runs past the old mill and the children play in the meadow. '.repeat(12)}`

  it('gives the same tokens as Transformers.js, which runs it at once', async () => {
    const reference = await loadReference('smollm2-135m-instruct', 'fp32')
    const expected = await reference.generate(long, 32)
    await reference.dispose()
    const engine = createEngine({ models: { onnx: modelFolder('smollm2-135m-instruct') }, dtype: 'fp32' })
    const { promptTokens, ids } = await answer(engine, long, 32)
    engine.dispose()
    expect(promptTokens).toBeGreaterThan(128)
    expect(ids).toEqual(expected.answer)
  })
})
