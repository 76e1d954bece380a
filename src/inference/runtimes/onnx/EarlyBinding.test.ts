import { expect, it, vi } from 'vitest'
import { EarlyBinding } from './EarlyBinding.js'
import type { OrtBinding } from './OrtBinding.js'

it('is opened once, whoever asks first, and started only where it was asked to', async () => {
  const binding = { start: vi.fn(() => Promise.resolve()) } as Partial<OrtBinding> as OrtBinding
  const open = vi.fn(() => Promise.resolve(binding))
  const early = new EarlyBinding(open)
  expect(open).not.toHaveBeenCalled()
  expect(await early.open()).toBe(binding)
  expect(binding.start).not.toHaveBeenCalled()
  early.start()
  await vi.waitFor(() => expect(binding.start).toHaveBeenCalledOnce())
  expect(await early.open()).toBe(binding)
  expect(open).toHaveBeenCalledOnce()
})

it('tells what went wrong to who needs it', async () => {
  const early = new EarlyBinding(() => Promise.reject(new Error('no such package')))
  early.start()
  await new Promise((resolve) => setTimeout(resolve))
  await expect(early.open()).rejects.toThrow('no such package')
})
