import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LLMProvider } from 'react-edge-llm'
import 'react-edge-llm/components/styles.css'
import './app.css'
import { App } from './App'
import { configFromURL } from './configFromURL'

const config = configFromURL(new URLSearchParams(location.search))

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <LLMProvider config={config}>
      <App />
    </LLMProvider>
  </StrictMode>,
)
