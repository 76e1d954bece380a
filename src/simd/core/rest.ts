/** The last `count` (1 to 3) floats of a vector in lanes 0 …, the others 0; reads nothing beyond them. */
@inline
export function loadRest(address: usize, count: i32): v128 {
  let x = v128.load_zero<f32>(address)
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(address + 4))
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(address + 8))
  return x
}

/** Writes lanes 0 … count − 1 (1 to 3). */
@inline
export function storeRest(address: usize, x: v128, count: i32): void {
  store<f32>(address, f32x4.extract_lane(x, 0))
  if (count > 1) store<f32>(address + 4, f32x4.extract_lane(x, 1))
  if (count > 2) store<f32>(address + 8, f32x4.extract_lane(x, 2))
}
