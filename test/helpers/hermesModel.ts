import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ModelSetup } from '../../src/models/index.js'
import { modelJSON } from './embeddedModel.js'

interface SharedCall {
  name: string
  arguments: object
}

/** What `pipeline/tests/shared_prompts.py` writes: how function-caller's prompts look, in text and tokens. */
interface SharedPrompts {
  template: string
  renamedTokens: Record<string, string>
  prompts: {
    name: string
    messages: { role: 'system' | 'user' | 'assistant' | 'tool'; content: string; name?: string; calls?: SharedCall[] }[]
    tools: { name: string; description: string; parameters: Record<string, unknown> }[]
    prompt: string
    ids: number[]
  }[]
  answers: { calls: SharedCall[]; ids: number[] }[]
}

const file = path.resolve(import.meta.dirname, '../fixtures/hermes-prompts.json')
export const sharedPrompts = JSON.parse(readFileSync(file, 'utf8')) as SharedPrompts

interface TokenizerJSON {
  added_tokens: { content: string; special: boolean }[]
  model: { vocab: Record<string, number> }
}

/** function-caller without its weights: SmolLM2's tokenizer with the format's markers as single tokens, and the format's template. */
export function hermesSetup(changes: Partial<ModelSetup> = {}): ModelSetup {
  return setupWith(sharedPrompts.renamedTokens, changes)
}

/** The same with other markers as single tokens, for a model of another format. */
export function markerSetup(markers: readonly string[]): ModelSetup {
  const spare = Object.keys(sharedPrompts.renamedTokens)
  return setupWith(Object.fromEntries(markers.map((marker, i) => [spare[i], marker])), {})
}

function setupWith(renamedTokens: Readonly<Record<string, string>>, changes: Partial<ModelSetup>): ModelSetup {
  const { template } = sharedPrompts
  const tokenizer = modelJSON('smollm2-tiny', 'tokenizer.json') as unknown as TokenizerJSON
  const renamed = (token: string) => renamedTokens[token] ?? token
  const added_tokens = tokenizer.added_tokens.map((token) =>
    token.content in renamedTokens ? { ...token, content: renamed(token.content), special: false } : token,
  )
  const vocab = Object.fromEntries(Object.entries(tokenizer.model.vocab).map(([token, id]) => [renamed(token), id]))
  const { added_tokens_decoder: _old, ...tokenizerConfig } = modelJSON('smollm2-tiny', 'tokenizer_config.json')
  return {
    config: { max_position_embeddings: 2048, eos_token_id: 2 },
    generationConfig: undefined,
    tokenizerJson: { ...tokenizer, added_tokens, model: { ...tokenizer.model, vocab } },
    tokenizerConfig,
    chatTemplate: template,
    toolChatTemplate: undefined,
    graphPath: 'onnx/model_q4.onnx',
    dtype: 'q4',
    dtypeReason: '',
    manifest: undefined,
    ...changes,
  }
}
