import { LLMError } from '../errors/index.js'
import type { Device } from '../models/types.js'
import type { LLMConfig } from './types.js'

/** Where a model will run and why. */
export interface DeviceChoice {
  device: Device
  deviceReason: string
  /** WebGPU features of the adapter; empty on CPUs. */
  adapterFeatures: string[]
}

interface GPUAdapterLike {
  features: Iterable<string>
  info?: { vendor?: string; architecture?: string; isFallbackAdapter?: boolean }
  isFallbackAdapter?: boolean
  requestDevice(): Promise<{ destroy(): void }>
}

interface GPULike {
  requestAdapter(options?: { powerPreference?: 'high-performance' }): Promise<GPUAdapterLike | null>
}

/**
 * Finds out where a model can run, by asking for a WebGPU adapter and a device.
 * @throws LLMError `webgpu-unavailable` when `wanted` is `webgpu` and there is none.
 */
export async function detectDevice(wanted: NonNullable<LLMConfig['device']>): Promise<DeviceChoice> {
  if (wanted === 'wasm') return onWasm('The config asks for WASM.')
  const probe = await probeWebGPU()
  if (probe.adapter === undefined) {
    if (wanted === 'auto') return onWasm(`WebGPU cannot be used: ${probe.problem}`)
    throw new LLMError({
      code: 'webgpu-unavailable',
      subject: 'device',
      message: `The config asks for WebGPU, but ${probe.problem} Use \`device: 'auto'\` to fall back to WASM.`,
      cause: probe.cause,
    })
  }
  const { adapter } = probe
  if (wanted === 'auto' && (adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter)) {
    return onWasm('The only WebGPU adapter is a software one, which is slower than WASM.')
  }
  const name = [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(' ')
  return {
    device: 'webgpu',
    deviceReason: `WebGPU adapter and device found${name ? ` (${name})` : ''}.`,
    adapterFeatures: [...adapter.features],
  }
}

/** A choice for the CPU in browsers. */
export function onWasm(deviceReason: string): DeviceChoice {
  return { device: 'wasm', deviceReason, adapterFeatures: [] }
}

/** A browser's GPU process starts within seconds; one whose driver hangs never answers. */
const PATIENCE_MS = 20_000

type Probe = { adapter: GPUAdapterLike } | { adapter?: undefined; problem: string; cause?: unknown }

async function probeWebGPU(): Promise<Probe> {
  const gpu = (globalThis.navigator as { gpu?: GPULike } | undefined)?.gpu
  if (!gpu) return { problem: 'this browser or page has no WebGPU (it needs https or localhost).' }
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<Probe>((resolve) => {
    timer = setTimeout(() => resolve({ problem: `the GPU did not answer within ${PATIENCE_MS / 1000} s.` }), PATIENCE_MS)
  })
  return Promise.race([askForDevice(gpu), silence]).finally(() => clearTimeout(timer))
}

async function askForDevice(gpu: GPULike): Promise<Probe> {
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
    if (!adapter) return { problem: 'the browser found no GPU adapter.' }
    const device = await adapter.requestDevice()
    device.destroy()
    return { adapter }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    return { problem: `the GPU gave no device (${detail}).`, cause }
  }
}
