/**
 * Reads a byte of every cache line, so that all of them are on their way before the first is needed. Processors foresee long
 * streams by themselves, but four short rows side by side are not foreseen well: without this a head of 28 MB took three times as long.
 */
export function touch(address: usize, bytes: usize): void {
  const end = address + bytes
  for (; address < end; address += 64) load<u8>(address)
}
