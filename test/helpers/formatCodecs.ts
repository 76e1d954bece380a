import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import type { ToolFormatName } from '../../src/tools/index.js'
import { hermesSetup, markerSetup } from './hermesModel.js'

/** Formats with a grammar, each with the markers that its models have as single tokens. LFM2 is a variant of `pythonic`. */
const formats: readonly (readonly [title: string, format: ToolFormatName, markers: readonly string[]])[] = [
  ['qwen3-xml', 'qwen3-xml', ['<tool_call>', '</tool_call>']],
  ['harmony', 'harmony', ['<|start|>', '<|channel|>', '<|message|>', '<|constrain|>', '<|end|>', '<|call|>']],
  ['pythonic', 'pythonic', ['<|python_start|>', '<|python_end|>']],
  ['lfm2', 'pythonic', ['<|tool_call_start|>', '<|tool_call_end|>']],
  ['functiongemma', 'functiongemma', ['<start_function_call>', '<end_function_call>', '<escape>', '<start_function_response>']],
  ['gemma4', 'gemma4', ['<|tool_call>', '<tool_call|>', '<|"|>', '<|tool_response>']],
]

/** Models without weights, one for each format: SmolLM2's tokenizer with the format's own markers. */
export const formatCodecs: readonly (readonly [title: string, codec: ChatCodec])[] = [
  ['hermes', new ChatCodec(hermesSetup())],
  ...formats.map(([title, toolFormat, markers]) => [title, new ChatCodec(markerSetup(markers), { toolFormat })] as const),
]
