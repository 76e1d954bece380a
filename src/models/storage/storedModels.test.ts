import { expect, it } from 'vitest'
import { NoStorage } from './NoStorage.js'
import { listStoredModels } from './storedModels.js'

it('says what keeps a browser from listing its models', async () => {
  const cause = new DOMException('The operation is insecure.', 'SecurityError')
  const storage = new NoStorage()
  storage.list = () => Promise.reject(cause)
  await expect(listStoredModels({ storage })).rejects.toMatchObject({ code: 'storage', cause, recoverable: true })
})
