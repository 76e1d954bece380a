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
      header={<ModelStatus {...llm} />}
      pending={llm.progress && <DownloadProgress progress={llm.progress} />}
    />
  )
}

