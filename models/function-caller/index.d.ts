/**
 * `file:` URL of the model's folder, with a slash at its end, for engines in Node:
 * `createEngine({ models: { onnx: modelURL } })`. In browsers the folder has to be served: by
 * `edgeLLM({ embeddedModel: true })` of `react-edge-llm/vite`, or by a copy at `/models/function-caller`.
 */
export declare const modelURL: string
