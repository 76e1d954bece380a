import { useLLM, type UseFunctionCallingResult } from 'react-edge-llm'
import { Chat, DownloadProgress, ModelStatus } from 'react-edge-llm/components'

interface DemoChatProps {
  chat: UseFunctionCallingResult
  suggestions: readonly string[]
}

/** The conversation of every demo: model status on top, progress where the first answer will appear. */
export function DemoChat({ chat, suggestions }: DemoChatProps) {
  const llm = useLLM()
  return (
    <Chat
      {...chat}
      showMetrics
      suggestions={suggestions}
      // A load that failed for a message is told where the message is.
      header={<ModelStatus {...llm} error={llm.error === chat.error ? undefined : llm.error} />}
      pending={llm.progress && <DownloadProgress progress={llm.progress} />}
    />
  )
}

