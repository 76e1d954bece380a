import { clearStoredModels, createEngine, isModelCached, listStoredModels, prefetchModel, type LLMConfig } from 'react-edge-llm/engine'

declare global {
  interface Window {
    /** Does with a model all that an app can: prefetch, load, converse, call a tool, stop, unload, list, delete. Gives what ran it. */
    session?: (config: LLMConfig, hubModel?: string) => Promise<string>
  }
}

const tools = [{ name: 'paint', description: 'Paints the square', inputSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] } }]
const secret = 'My diary: I met Ada in the park.'

window.session = async (config, hubModel) => {
  if (hubModel !== undefined) {
    await prefetchModel(hubModel, config)
    await isModelCached(hubModel, config)
  }
  const engine = createEngine(config)
  const { backend } = await engine.load()
  const messages = [{ role: 'user' as const, content: secret }]
  for await (const _event of engine.generate({ messages, maxTokens: 8 }));
  for await (const _event of engine.generate({ messages, maxTokens: 24, tools, toolChoice: 'required', constrained: true }));
  const controller = new AbortController()
  for await (const event of engine.generate({ messages, maxTokens: 64 }, { signal: controller.signal })) if (event.type === 'text-delta') controller.abort()
  await engine.unload()
  await engine.load()
  engine.dispose()
  await listStoredModels()
  await clearStoredModels()
  return backend
}
