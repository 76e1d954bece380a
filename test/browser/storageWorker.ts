import { openStorage } from '../../src/models/index.js'
import { patterned, readStored } from '../hub/patterned.js'

/** Stores a file as the engine's worker does, and says what it reads back. */
self.onmessage = async ({ data: size }: MessageEvent<number>) => {
  try {
    const storage = await openStorage('opfs')
    await storage.put('org/worker@main', 'onnx/model.onnx', patterned(size), { etag: 'w' })
    const bytes = await readStored(storage, 'org/worker@main', 'onnx/model.onnx')
    postMessage({ name: storage.name, length: bytes?.length, hasSyncAccess: 'createSyncAccessHandle' in FileSystemFileHandle.prototype })
  } catch (error) {
    postMessage({ error: String(error) })
  }
}
