/**
 * Where the model of configs without `models` is looked for: the embedded function-caller, served
 * beside the app. `edgeLLM({ embeddedModel: true })` of `react-edge-llm/vite` puts it there.
 */
export const defaultModelId = '/models/function-caller'

/** How an app gets the default model, where it is not found. */
export const defaultModelAdvice =
  'The config names no model, so the embedded one was looked for there. Install it with "npm install react-edge-llm-function-caller" ' +
  'and serve it: with Vite by edgeLLM({ embeddedModel: true }) of react-edge-llm/vite, else by a copy of the package\u2019s folder at ' +
  'public/models/function-caller. Or set models: { onnx: … } to a model of your own.'
