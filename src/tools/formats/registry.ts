import { LLMError } from '../../errors/index.js'
import type { ToolFormatName } from '../types.js'
import { granite } from './granite.js'
import { hermes } from './hermes.js'
import { smollm2 } from './smollm2.js'
import { lfm2 } from './lfm2.js'
import { llamaJSON } from './llamaJSON.js'
import { pythonic } from './pythonic.js'
import type { ToolFormat } from './types.js'

const formats: { readonly [Name in ToolFormatName]: ToolFormat } = {
  granite,
  hermes,
  lfm2,
  'llama-json': llamaJSON,
  pythonic,
  smollm2,
}

/** Names of all tool formats. */
export const toolFormatNames = Object.keys(formats) as readonly ToolFormatName[]

/** @throws LLMError `invalid-config` for a name that is none of {@link toolFormatNames}. */
export function getToolFormat(name: ToolFormatName): ToolFormat {
  if (Object.hasOwn(formats, name)) return formats[name]
  throw new LLMError({
    code: 'invalid-config',
    message: `There is no tool format "${name}". Set toolFormat to one of: ${toolFormatNames.join(', ')}.`,
    subject: 'toolFormat',
  })
}
