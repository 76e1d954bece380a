import type { LoadGrammarLibrary } from './constrain/GrammarLibrary.js'
import type { ArrivedModel, FilePlatform } from './fetchModel.js'
import { DecoderRuntime, type OpenedDecoder } from './generate/DecoderRuntime.js'
import { openPrefixes } from './prefix/openPrefixes.js'
import type { LoadRequest } from './types.js'

/** A model whose files are there, and what opens it. */
export interface Arrival {
  arrived: ArrivedModel
  open(): Promise<OpenedDecoder>
}

/** Opens a model that has arrived, with the prefixes and the grammar library that its requests may use. */
export function startDecoder(
  { arrived, open }: Arrival,
  request: LoadRequest,
  { storage, loadGrammar }: Pick<FilePlatform, 'storage'> & { loadGrammar?: LoadGrammarLibrary },
): Promise<DecoderRuntime> {
  const prefixes = openPrefixes(request, storage, arrived.files)
  const { model, probe, numericsCheck, speculation = true } = request
  return DecoderRuntime.load({ ...arrived, open, prefixes, loadGrammar, model, probe, numericsCheck, decoder: { speculation } })
}
