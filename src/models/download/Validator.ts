/**
 * What a server calls this version of a file, as text that can be stored: the `ETag`, else `Last-Modified`. Undefined
 * where it says nothing, or hides it from pages of other origins.
 */
export function validatorOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag')
  if (etag !== null && etag !== '') return etag
  const modified = headers.get('last-modified')
  return modified === null || modified === '' ? undefined : `last-modified ${modified}`
}

/** Whether equal validators mean equal bytes (RFC 9110, section 8.8.1). A date has only seconds. */
export function isStrong(validator: string): boolean {
  return validator.startsWith('"')
}
