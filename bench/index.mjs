// npm run bench: our engine beside Transformers.js (run.mjs). npm run bench -- tools: how calls are written (tools.mjs).
await import(process.argv[2] === 'tools' ? './tools.mjs' : './run.mjs')
