import { LLMError } from '../../errors/index.js'
import type { ToolFormatClues } from './detectToolFormat.js'
import type { ToolFormatName } from '../types.js'
import { granite } from './granite.js'
import { hermes } from './hermes.js'
import { qwen3XML } from './qwen3XML.js'
import { smollm2 } from './smollm2.js'
import { llamaJSON } from './llamaJSON.js'
import { mistral } from './mistral.js'
import { pythonic } from './pythonic.js'
import { functiongemma } from './functiongemma.js'
import { gemma4 } from './gemma4.js'
import { harmony } from './harmony.js'
import type { ToolFormat } from './types.js'

const formats: { readonly [Name in ToolFormatName]: ToolFormat } = {
  functiongemma,
  gemma4,
  granite,
  harmony,
  hermes,
  'llama-json': llamaJSON,
  mistral,
  pythonic,
  'qwen3-xml': qwen3XML,
  smollm2,
}

/** Names of all tool formats. */
export const toolFormatNames = Object.keys(formats) as readonly ToolFormatName[]

/**
 * The format of a name.
 * @param clues tell which variant a model writes, where the generations of a family differ. Default: the newest.
 * @throws LLMError `invalid-config` for a name that is none of {@link toolFormatNames}.
 */
export function getToolFormat(name: ToolFormatName, clues: ToolFormatClues = {}): ToolFormat {
  if (Object.hasOwn(formats, name)) return formats[name].variant?.(clues) ?? formats[name]
  throw new LLMError({
    code: 'invalid-config',
    message: `There is no tool format "${name}". Set toolFormat to one of: ${toolFormatNames.join(', ')}.`,
    subject: 'toolFormat',
  })
}
