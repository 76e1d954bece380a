import { isJSONObject } from './jsonValues.js'
import type { JSONObject } from './types.js'

/** A model's Jinja chat templates. */
export interface ChatTemplates {
  chatTemplate: string | undefined
  /** The one named `tool_use`, where templates have names. */
  toolChatTemplate: string | undefined
}

/**
 * The chat templates of a model. The app's own wins, then `chat_template.jinja`, then
 * `tokenizer_config.json`, whose `chat_template` is a text or a list of named ones.
 */
export function findChatTemplates(own: string | undefined, jinja: string | undefined, tokenizerConfig: JSONObject): ChatTemplates {
  const { chat_template: configured } = tokenizerConfig
  const single = own ?? nonEmpty(jinja) ?? nonEmpty(configured)
  if (single !== undefined || !Array.isArray(configured)) return { chatTemplate: single, toolChatTemplate: undefined }
  const named = new Map<unknown, string>()
  for (const entry of configured) {
    const template = isJSONObject(entry) ? nonEmpty(entry.template) : undefined
    if (isJSONObject(entry) && template !== undefined) named.set(entry.name, template)
  }
  const [first] = named.values()
  return { chatTemplate: named.get('default') ?? first, toolChatTemplate: named.get('tool_use') }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
