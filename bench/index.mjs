// npm run bench: what users feel, beside Transformers.js and wllama (compare.mjs). npm run bench -- tools: how calls are
// written (tools.mjs). npm run bench -- cpu: the SIMD core beside ONNX Runtime, Transformers.js and wllama (cpu.mjs).
// npm run bench -- accelerators: what prefix reuse, jump-forward and speculation save (accelerators.mjs).
// npm run bench -- memory: the most memory that loads need (memory.mjs).
const programs = { tools: './tools.mjs', cpu: './cpu.mjs', accelerators: './accelerators.mjs', memory: './memory.mjs' }
await import(programs[process.argv[2]] ?? './compare.mjs')
