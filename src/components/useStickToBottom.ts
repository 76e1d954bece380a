import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'

/** How near the end, in pixels, still counts as reading along. */
const nearEnd = 48

export interface StickToBottom {
  /** The scrolling element. */
  scrollerRef: RefObject<HTMLDivElement | null>
  /** Its one child, whose height grows. */
  contentRef: RefObject<HTMLDivElement | null>
  /** False while the user has scrolled up to read. */
  isAtEnd: boolean
  /** Goes to the end and follows from there on. */
  scrollToEnd: () => void
}

/**
 * Keeps a growing list at its end, until the user scrolls up; scrolling down again resumes.
 * @param isEmpty while nothing is listed, whatever stands in its place is read from its start.
 */
export function useStickToBottom(isEmpty = false): StickToBottom {
  const scrollerRef = useRef<HTMLDivElement | null>(null)
  const contentRef = useRef<HTMLDivElement | null>(null)
  const follows = useRef(true)
  const [isAtEnd, setIsAtEnd] = useState(true)

  const scrollToEnd = useCallback(() => {
    const scroller = scrollerRef.current
    if (!scroller) return
    follows.current = true
    setIsAtEnd(true)
    scroller.scrollTop = scroller.scrollHeight
  }, [])

  useEffect(() => {
    const scroller = scrollerRef.current
    const content = contentRef.current
    if (!scroller || !content) return
    let lastTop = scroller.scrollTop
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller
      const distance = scrollHeight - scrollTop - clientHeight
      // Content that grows also moves the end away: only an upward move is the user's.
      if (distance <= nearEnd) follows.current = true
      else if (scrollTop < lastTop) follows.current = false
      lastTop = scrollTop
      setIsAtEnd(follows.current)
    }
    scroller.addEventListener('scroll', onScroll, { passive: true })
    if (typeof ResizeObserver === 'undefined') return () => scroller.removeEventListener('scroll', onScroll)
    const observer = new ResizeObserver(() => {
      if (!follows.current || isEmpty) return
      scroller.scrollTop = scroller.scrollHeight
      lastTop = scroller.scrollTop
    })
    observer.observe(content)
    observer.observe(scroller)
    return () => {
      scroller.removeEventListener('scroll', onScroll)
      observer.disconnect()
    }
  }, [isEmpty])

  return { scrollerRef, contentRef, isAtEnd, scrollToEnd }
}
