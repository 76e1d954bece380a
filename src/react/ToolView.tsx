import { Component, useSyncExternalStore, type ReactNode } from 'react'
import type { Conversation } from '../chat/Conversation.js'
import type { ToolPart, ToolRenderProps } from '../tools/toolPart.js'
import type { Tool } from '../tools/types.js'

/** What draws the calls of one conversation. */
export interface ToolViewSource {
  /** The tools there are now, and those that a server knows of. */
  tools: (onServer?: boolean) => readonly Tool[]
  subscribe: (listener: () => void) => () => void
  functions: Pick<Conversation, 'addToolApproval' | 'addToolResult'>
}

interface ToolViewProps {
  part: ToolPart
  /** Shown where the tool draws nothing itself, and where its `render` throws. */
  card: ReactNode
  source: ToolViewSource
}

type Render = (props: ToolRenderProps) => ReactNode

/** A call as its tool's `render` draws it; follows the newest closure of it. */
export function ToolView({ part, card, source }: ToolViewProps): ReactNode {
  const find = (onServer?: boolean) => source.tools(onServer).find(({ name }) => name === part.toolName)?.render
  const render = useSyncExternalStore(source.subscribe, find, () => find(true)) as Render | undefined
  return render ? (
    <CardOnError card={card} state={part.state}>
      <Drawn {...{ render, part, card, source }} />
    </CardOnError>
  ) : (
    card
  )
}

/** A component of its own, so that a `render` may use hooks, and keeps their state when its closure changes. */
function Drawn({ render, part, card, source }: ToolViewProps & { render: Render }): ReactNode {
  const { toolCallId } = part
  const { addToolApproval, addToolResult } = source.functions
  const drawn = render({
    part,
    approve: () => addToolApproval({ toolCallId, approved: true }),
    deny: (reason) => addToolApproval({ toolCallId, approved: false, reason }),
    addToolResult: (result) => addToolResult({ toolCallId, ...result }),
  })
  return drawn === undefined ? card : drawn
}

/** Shows the card where children throw, until the call is in another state: there may be then what was missing. */
class CardOnError extends Component<{ card: ReactNode; state: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError = () => ({ failed: true })

  override componentDidUpdate({ state }: { state: string }) {
    if (this.state.failed && state !== this.props.state) this.setState({ failed: false })
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.card : this.props.children
  }
}
