/** Workgroups in x, y and z. */
export type Workgroups = readonly [x: number, y: number, z: number]

/** Says how large dispatches are whose size lies in GPU memory; undefined: they are left alone. */
export interface DirectDispatch {
  workgroups: Workgroups | undefined
}

interface ComputePass {
  dispatchWorkgroups(x: number, y?: number, z?: number): void
  dispatchWorkgroupsIndirect(buffer: object, offset: number): void
}

/**
 * Lets the realm dispatch directly where ONNX Runtime dispatches indirectly. It does so in recorded
 * runs, since what it recorded cannot change; but browsers check each indirect dispatch on the GPU,
 * which costs more than everything else in a token. Here the size is known beforehand. Meant for a
 * worker's own realm, whose `GPUComputePassEncoder` it changes.
 */
export function observeDispatches(): DirectDispatch {
  const direct: DirectDispatch = { workgroups: undefined }
  const encoder = (globalThis as { GPUComputePassEncoder?: { prototype: ComputePass } }).GPUComputePassEncoder
  if (!encoder) return direct
  const { prototype } = encoder
  const indirect = prototype.dispatchWorkgroupsIndirect
  prototype.dispatchWorkgroupsIndirect = function (this: ComputePass, buffer, offset) {
    if (direct.workgroups) this.dispatchWorkgroups(...direct.workgroups)
    else indirect.call(this, buffer, offset)
  }
  return direct
}
