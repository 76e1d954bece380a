/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** The value below which the share `q` of all lies, between neighbours in proportion. @param {readonly number[]} values @param {number} q */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)]
  return below + (sorted[Math.ceil(at)] - below) * (at % 1)
}
