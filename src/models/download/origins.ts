/** Origin of the page or worker; undefined outside of browsers. */
export function pageOrigin(): string | undefined {
  return (globalThis as { location?: { origin: string } }).location?.origin
}

/** Whether a request goes to the page's own origin. Outside of browsers all do. */
export function isSameOrigin(url: string): boolean {
  const origin = pageOrigin()
  return origin === undefined || url.startsWith(`${origin}/`)
}
