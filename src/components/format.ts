/** `1234567` → `1.2`; bytes as megabytes of 10⁶ bytes, as download sizes are given. */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}

/** A size with its unit, from bytes: `812 kB`, `84.2 MB`, `1.3 GB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${megabytes(bytes)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** A time span for people, from seconds: `4 s`, `2 min 5 s`, `1 h 3 min`. */
export function timeSpan(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** A measured time, from milliseconds: `85 ms`, `1.24 s`, `1 min 4 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(2)} s` : timeSpan(milliseconds / 1000)
}

/** A rate with as many digits as it deserves: `4.7`, `38`. */
export function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0)
}

/** A value as a line of text: strings bare, the rest as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value, null, 2) ?? String(value)
  } catch {
    return String(value)
  }
}

/** The values in `record` as pairs, or undefined where it is no plain object. */
export function entriesOf(value: unknown): [string, unknown][] | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
}

/** The last part of a model's path or id: `/models/smollm2` → `smollm2`. */
export function shortModelName(id: string): string {
  return id.replace(/\/+$/, '').split('/').pop() || id
}

/** Class names joined, without the empty ones. */
export function classNames(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
