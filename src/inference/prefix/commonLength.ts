/** How many leading tokens a text has in common with another one from `start` to `end` of it. */
export function commonLength(a: readonly number[], b: readonly number[], start = 0, end = b.length): number {
  const most = Math.min(a.length, end - start)
  let length = 0
  while (length < most && a[length] === b[start + length]) length++
  return length
}
