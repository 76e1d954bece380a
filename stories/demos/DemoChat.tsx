import { useLLM, type UseFunctionCallingResult } from 'react-edge-llm'
import { Chat, ModelStatus } from 'react-edge-llm/components'

interface DemoChatProps {
  chat: UseFunctionCallingResult
  suggestions: readonly string[]
}

/** The conversation of every demo: model status and progress on top. */
export function DemoChat({ chat, suggestions }: DemoChatProps) {
  const llm = useLLM()
  return (
    <Chat
      {...chat}
      showMetrics
      suggestions={suggestions}
      // A load that failed for a message is told where the message is.
      header={<ModelStatus {...llm} compact error={llm.error === chat.error ? undefined : llm.error} />}
    />
  )
}

