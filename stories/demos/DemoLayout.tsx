import type { ReactNode } from 'react'
import './demos.css'

/** A stage beside a conversation; above it on narrow screens. */
export function DemoLayout({ stage, children }: { stage: ReactNode; children: ReactNode }) {
  return (
    <div className="demo">
      <div className="demo-stage">{stage}</div>
      <div className="demo-chat">{children}</div>
    </div>
  )
}
