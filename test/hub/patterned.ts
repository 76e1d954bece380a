import type { ModelStorage } from '../../src/models/index.js'

/** `size` bytes that tell whether any of them moved. */
export function patterned(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255)
}

/** All bytes of a stored file, or undefined where there is none. */
export async function readStored(storage: ModelStorage, key: string, path: string): Promise<Uint8Array | undefined> {
  const file = await storage.match(key, path)
  return file && new Uint8Array(await new Response(file.stream()).arrayBuffer())
}

/** Whether bytes are `patterned(size, seed)`; comparing arrays element by element as objects is slow. */
export function isPatterned(bytes: Uint8Array | undefined, size: number, seed = 1): boolean {
  return bytes?.length === size && bytes.every((byte, i) => byte === ((i * 31 + (i >> 8) * 7 + seed) & 255))
}
