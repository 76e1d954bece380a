import { useEffect, useRef, useState } from 'react'
import type { ChatStatus, MessagePart, UIMessage } from '../chat/types.js'

const intervalMs = 250
/** The rate shown is the mean over this many intervals. */
const meanOver = 4
const longestHistory = 120
/** English text has about four characters a token, until a finished message tells better. */
const usualCharactersPerToken = 4

/**
 * Tokens per second of the answer under way, measured four times a second from how its text grows;
 * the newest last, kept until the next answer. An estimate: messages tell their exact number of
 * tokens only when they are finished, and that then sets how many characters count as one.
 */
export function useTokenRate(messages: readonly UIMessage[], status: ChatStatus): readonly number[] {
  const [rates, setRates] = useState<readonly number[]>([])
  const latest = useRef(messages)
  useEffect(() => {
    latest.current = messages
  })
  useEffect(() => {
    if (status !== 'streaming') return
    const lengths = [lengthOf(latest.current.at(-1))]
    let isFirst = true
    const timer = setInterval(() => {
      lengths.push(lengthOf(latest.current.at(-1)))
      const recent = lengths.slice(-meanOver - 1)
      const grown = (recent.at(-1) ?? 0) - (recent[0] ?? 0)
      const perSecond = grown / charactersPerToken(latest.current) / (((recent.length - 1) * intervalMs) / 1000)
      const startsAnew = isFirst
      isFirst = false
      setRates((before) => [...(startsAnew ? [] : before), Math.max(0, perSecond)].slice(-longestHistory))
    }, intervalMs)
    return () => clearInterval(timer)
  }, [status])
  return rates
}

function lengthOf(message: UIMessage | undefined): number {
  return message?.role === 'assistant' ? message.parts.reduce((sum, part) => sum + partLength(part), 0) : 0
}

function partLength(part: MessagePart): number {
  if (part.type === 'text' || part.type === 'reasoning') return part.text.length
  return 'rawInput' in part ? (part.rawInput?.length ?? 0) : 0
}

function charactersPerToken(messages: readonly UIMessage[]): number {
  const finished = messages.findLast(
    ({ metadata, parts }) => metadata?.metrics && parts.length === 1 && parts[0]?.type === 'text',
  )
  const tokens = finished?.metadata?.metrics?.completionTokens ?? 0
  return tokens >= 8 && finished ? lengthOf(finished) / tokens : usualCharactersPerToken
}
