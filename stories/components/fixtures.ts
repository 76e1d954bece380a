import type { GenerateMetrics, LoadProgress, ReadyModel, UIMessage } from 'react-edge-llm'

/** States written by hand, for stories that show how a component looks and run no model. */

export const metrics: GenerateMetrics = {
  promptTokens: 214,
  reusedTokens: 168,
  completionTokens: 96,
  timeToFirstTokenMs: 412,
  prefillTokensPerSecond: 111.6,
  decodeTokensPerSecond: 22.4,
  totalMs: 4654,
  memoryBytes: 412_000_000,
}

export const rates = [9.1, 14.2, 18.4, 20.9, 22.1, 21.7, 22.8, 23.4, 22.2, 21.9, 19.8, 22.6, 23.1, 22.9, 22.4]

export const model: ReadyModel = {
  id: '/models/function-caller',
  runtime: 'onnx',
  device: 'wasm',
  deviceReason: 'No WebGPU adapter was found, so the CPU does the work',
  backend: 'onnxruntime-web/wasm',
  backendReason: 'ONNX Runtime runs this graph on WebAssembly',
  dtype: 'q8',
  contextLength: 8192,
  vocabSize: 49152,
  toolFormat: 'hermes',
  templateHasTools: false,
  toolCallBias: 0,
  threads: 4,
  loadMs: 2140,
  memoryBytes: 412_000_000,
}

export const progress: LoadProgress = {
  phase: 'downloading',
  loaded: 58_412_000,
  total: 137_900_000,
  fraction: 58_412_000 / 137_900_000,
  bytesPerSecond: 6_320_000,
  etaSeconds: 12.6,
  file: 'onnx/model_quantized.onnx',
}

const user = (id: string, text: string): UIMessage => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text, state: 'done' }],
})

export const conversation: UIMessage[] = [
  user('1', 'What colour is the square?'),
  {
    id: '2',
    role: 'assistant',
    parts: [
      {
        type: 'tool-get_square_color',
        toolName: 'get_square_color',
        toolCallId: 'a',
        state: 'output-available',
        input: {},
        output: { color: 'red' },
      },
      { type: 'text', text: 'The square is red.', state: 'done' },
    ],
    metadata: { metrics },
  },
  user('3', 'Make it blue, please'),
  {
    id: '4',
    role: 'assistant',
    parts: [
      {
        type: 'tool-set_square_color',
        toolName: 'set_square_color',
        toolCallId: 'b',
        state: 'output-available',
        input: { color: 'blue' },
        output: { color: 'blue' },
      },
      { type: 'text', text: 'Done: the square is blue now.', state: 'done' },
    ],
    metadata: { metrics },
  },
]

export const asking: UIMessage[] = [
  user('1', 'Turn the heating up'),
  {
    id: '2',
    role: 'assistant',
    parts: [
      {
        type: 'tool-set_temperature',
        toolName: 'set_temperature',
        toolCallId: 'a',
        state: 'approval-requested',
        input: { temperature: 26 },
        approval: { because: ['needs-approval', 'doubts'] },
        doubts: [{ path: '/temperature', kind: 'ungrounded' }],
      },
    ],
  },
]

export const streaming: UIMessage[] = [
  user('1', 'Why is the sky blue?'),
  {
    id: '2',
    role: 'assistant',
    parts: [
      {
        type: 'text',
        text: 'Sunlight holds every colour. Air scatters short waves more than long ones, so blue light reaches you from',
        state: 'streaming',
      },
    ],
  },
]

const paragraph =
  'Weights are read once for every token, so a small model on a processor is bound by memory, not by arithmetic. Four-bit weights halve what has to be read, and keeping the cache of earlier tokens on the device saves the rest.\n\n'

export const long: UIMessage[] = [
  user('1', 'Explain it at length, and show me https://example.org/a/very/long/address/that/has/no/place/to/break?with=parameters&and=more'),
  {
    id: '2',
    role: 'assistant',
    parts: [{ type: 'text', text: paragraph.repeat(6).trim(), state: 'done' }],
    metadata: { interrupted: 'length', metrics },
  },
  user('3', 'And shorter?'),
  {
    id: '4',
    role: 'assistant',
    parts: [{ type: 'text', text: 'Less to read is less to wait for.', state: 'done' }],
    metadata: { metrics },
  },
]
