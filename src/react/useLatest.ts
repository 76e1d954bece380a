import { useInsertionEffect, useRef } from 'react'

/**
 * A reference to what `value` was in the last committed render: long-lived functions read it to call
 * the newest closure. Set before any layout or passive effect runs.
 */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  useInsertionEffect(() => {
    latest.current = value
  })
  return latest
}
