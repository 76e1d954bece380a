import { useFunctionCalling, useLLM } from 'react-edge-llm'
import { Chat, ModelStatus } from 'react-edge-llm/components'
import { AppNotes } from './AppNotes'
import { useSquare } from './useSquare'

/** What the service worker keeps; another `?model=` comes from its server each time. */
const embeddedModel = '/models/function-caller'
const suggestions = ['Change the color to blue', 'What color is the square?', 'Make it red']

export function App() {
  const color = useSquare()
  const llm = useLLM()
  const chat = useFunctionCalling({ maxTokens: 128, maxSteps: 3 })
  return (
    <main className="app">
      <div className="stage">
        <div className="square" role="img" aria-label={`${color} square`} data-color={color} />
        <AppNotes isReady={llm.model?.id === embeddedModel} isBroken={llm.error?.code === 'model-corrupt'} />
      </div>
      <Chat
        {...chat}
        showMetrics
        suggestions={suggestions}
        labels={{ emptyTitle: 'Talk to the square', placeholder: 'Make it blue' }}
        // A load that failed for a message is told where the message is.
        header={<ModelStatus {...llm} compact error={llm.error === chat.error ? undefined : llm.error} />}
      />
    </main>
  )
}
