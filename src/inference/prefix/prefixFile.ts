// A stored file: 8 bytes that name the format, the SHA-256 of key and image, the image.
const magic = Uint8Array.of(0x45, 0x4c, 0x4b, 0x56, 0x0d, 0x0a, 0x1a, 0x01) // "ELKV", line ends that transfers spoil, version 1
const HEADER_BYTES = magic.length + 32

/** What an image of keys and values was made with: only the same gives the same keys and values. */
export interface PrefixKey {
  /** Model, dtype, what computes and in which version, as one text. */
  identity: string
  tokens: readonly number[]
}

/** The name of a key's file. */
export async function prefixFileName(key: PrefixKey): Promise<string> {
  const digest = await sha256(textOf(key))
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Writes a file; takes the image's parts before anything else runs. */
export async function writePrefixFile(key: PrefixKey, parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const file = new Uint8Array(HEADER_BYTES + parts.reduce((sum, { length }) => sum + length, 0))
  file.set(magic)
  let at = HEADER_BYTES
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  file.set(await seal(key, file.subarray(HEADER_BYTES)), magic.length)
  return file
}

/** The image in a file; undefined where the file is damaged, of another format or of another key. */
export async function readPrefixFile(key: PrefixKey, file: Uint8Array): Promise<Uint8Array | undefined> {
  if (file.length < HEADER_BYTES || !equal(file.subarray(0, magic.length), magic)) return undefined
  const image = file.subarray(HEADER_BYTES)
  return equal(file.subarray(magic.length, HEADER_BYTES), await seal(key, image)) ? image : undefined
}

async function seal(key: PrefixKey, image: Uint8Array): Promise<Uint8Array> {
  const digests = await Promise.all([sha256(textOf(key)), sha256(image)])
  return sha256(Uint8Array.of(...digests[0], ...digests[1]))
}

function textOf({ identity, tokens }: PrefixKey): Uint8Array {
  return new TextEncoder().encode(`${identity}\n${tokens.join()}`)
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
