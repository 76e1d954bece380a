import path from 'node:path'
import react from '@vitejs/plugin-react'
import { edgeLLM } from 'react-edge-llm/vite'
import { defineConfig } from 'vite'
import { serviceWorker } from './offline/vitePlugin'
import { serveModels } from './serveModels'

export default defineConfig({
  plugins: [
    react(),
    serveModels(path.resolve(import.meta.dirname, '../../models')),
    edgeLLM({ embeddedModel: true, crossOriginIsolation: process.env['NO_ISOLATION'] === undefined }),
    serviceWorker({ model: 'models/function-caller/' }),
  ],
})
