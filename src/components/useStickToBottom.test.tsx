import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useStickToBottom } from './useStickToBottom.js'

let grow: (() => void) | undefined

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        grow = callback
      }
      observe() {}
      disconnect() {}
    },
  )
})
afterEach(() => vi.unstubAllGlobals())

function List({ isEmpty = false }) {
  const { scrollerRef, contentRef, isAtEnd, scrollToEnd } = useStickToBottom(isEmpty)
  return (
    <>
      <div ref={scrollerRef} data-testid="scroller">
        <div ref={contentRef} />
      </div>
      <output>{isAtEnd ? 'at end' : 'away'}</output>
      <button onClick={scrollToEnd}>End</button>
    </>
  )
}

/** A box of 100 pixels' height over content of `height`. */
function renderList(height: number, isEmpty?: boolean) {
  render(<List isEmpty={isEmpty} />)
  const scroller = screen.getByTestId('scroller')
  const setHeight = (value: number) => Object.defineProperty(scroller, 'scrollHeight', { configurable: true, value })
  Object.defineProperty(scroller, 'clientHeight', { value: 100 })
  setHeight(height)
  const scrollTo = (top: number) => {
    scroller.scrollTop = top
    fireEvent.scroll(scroller)
  }
  return { scroller, setHeight, scrollTo }
}

it('follows content that grows', () => {
  const { scroller, setHeight, scrollTo } = renderList(300)
  scrollTo(200)
  setHeight(500)
  act(() => grow?.())
  expect(scroller.scrollTop).toBe(500)
})

it('stays where the user has scrolled up to, and resumes when they come back', () => {
  const { scroller, setHeight, scrollTo } = renderList(300)
  scrollTo(200)
  scrollTo(20)
  expect(screen.getByText('away')).toBeVisible()
  setHeight(500)
  act(() => grow?.())
  expect(scroller.scrollTop).toBe(20)
  scrollTo(390)
  expect(screen.getByText('at end')).toBeVisible()
  setHeight(600)
  act(() => grow?.())
  expect(scroller.scrollTop).toBe(600)
})

it('sees the user scroll up right after it has scrolled down itself', () => {
  const { scrollTo } = renderList(300)
  act(() => grow?.())
  scrollTo(0)
  expect(screen.getByText('away')).toBeVisible()
})

it('does not mistake growth for the user’s scrolling', () => {
  const { setHeight, scrollTo } = renderList(300)
  scrollTo(200)
  setHeight(900)
  scrollTo(210)
  expect(screen.getByText('at end')).toBeVisible()
})

it('goes to the end when asked', () => {
  const { scroller, scrollTo } = renderList(300)
  scrollTo(200)
  scrollTo(0)
  fireEvent.click(screen.getByText('End'))
  expect(scroller.scrollTop).toBe(300)
  expect(screen.getByText('at end')).toBeVisible()
})

it('leaves what stands in for an empty list at its start', () => {
  const { scroller } = renderList(300, true)
  act(() => grow?.())
  expect(scroller.scrollTop).toBe(0)
})
