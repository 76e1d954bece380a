import { useState } from 'react'
import type { Engine, LLMConfig } from '../engine/types.js'
import { validateConfig } from '../engine/validateConfig.js'
import type { EngineSource } from './EngineSlot.js'
import { sameValue } from './sameValue.js'

interface SourceProps {
  config?: LLMConfig
  engine?: Engine
}

/**
 * The source of a provider's engine; the same object until the config differs in value.
 * @throws LLMError `invalid-config`, `unknown-runtime`, `no-model`
 */
export function useEngineSource(props: SourceProps): EngineSource {
  const [source, setSource] = useState(() => toSource(props))
  if (isSourceOf(source, props)) return source
  const next = toSource(props)
  setSource(next)
  return next
}

function toSource({ config, engine }: SourceProps): EngineSource {
  if (engine) return { engine }
  validateConfig(config as LLMConfig)
  return { config: withoutLoad(config) }
}

function isSourceOf(source: EngineSource, { config, engine }: SourceProps): boolean {
  if ('engine' in source) return engine === source.engine
  return engine === undefined && sameValue(source.config, withoutLoad(config))
}

/** When to load is the provider's business and no reason for another engine. */
function withoutLoad({ load: _load, ...rest }: LLMConfig = {}): LLMConfig {
  return rest
}
