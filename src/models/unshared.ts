/** The bytes where interfaces of the web accept them: a copy, if they lie in shared memory, or in memory that can shrink. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && !canShrink(bytes) ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}

/** The bytes where shared memory is accepted, but not such that can shrink. */
export function unresizable(bytes: Uint8Array): Uint8Array {
  return canShrink(bytes) ? new Uint8Array(bytes) : bytes
}

function canShrink({ buffer }: Uint8Array): boolean {
  return (buffer as { resizable?: boolean }).resizable === true
}
