import { corruptFile } from './loadErrors.js'
import { isJSONObject } from './jsonValues.js'
import type { JSONObject } from './types.js'

/** Largest value of each number of `config.json` that sizes are computed from: far above any known model. */
const largest: Readonly<Record<string, number>> = {
  vocab_size: 2 ** 24,
  hidden_size: 2 ** 20,
  intermediate_size: 2 ** 22,
  num_hidden_layers: 2 ** 12,
  num_attention_heads: 2 ** 12,
  num_key_value_heads: 2 ** 12,
  head_dim: 2 ** 14,
  max_position_embeddings: 2 ** 31,
  n_positions: 2 ** 31,
}

/**
 * Refuses sizes that no model has. What is not there, or no number, is for those to judge who need it.
 * @throws LLMError `model-corrupt`
 */
export function checkConfig(config: JSONObject): JSONObject {
  for (const part of [config, config.text_config]) {
    if (!isJSONObject(part)) continue
    for (const [name, most] of Object.entries(largest)) {
      const value = Object.hasOwn(part, name) ? part[name] : undefined
      if (typeof value !== 'number' || (Number.isInteger(value) && value > 0 && value <= most)) continue
      throw corruptFile('config.json', `has the ${name} ${value}, which is no whole number from 1 to ${most}.`)
    }
  }
  return config
}
