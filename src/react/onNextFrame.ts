const HIDDEN_TAB_MS = 100

/**
 * Calls `callback` once with the next animation frame; the result cancels. Hidden tabs get no
 * frames, so a timer runs beside it: whichever comes first.
 */
export function onNextFrame(callback: () => void): () => void {
  const cancel = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  const run = () => {
    cancel()
    callback()
  }
  const frame = requestAnimationFrame(run)
  const timer = setTimeout(run, HIDDEN_TAB_MS)
  return cancel
}
