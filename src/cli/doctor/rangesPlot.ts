import { largestHalf, type DoctorReport } from './types.js'

const width = 720
const height = 360
const margin = { left: 56, right: 16, top: 40, bottom: 40 }
const lines = [
  { name: 'largest value', colour: '#2563eb', dash: '', of: 'largest' },
  { name: 'residual stream', colour: '#d97706', dash: '5 3', of: 'stream' },
] as const

/** Largest magnitudes per layer as an SVG, on a scale of powers of ten, with the end of 16-bit floats. */
export function rangesPlot({ model, ranges }: DoctorReport): string {
  const layers = ranges.layers.flatMap(({ layer, ...rest }) => (layer === null ? [] : [{ layer, ...rest }]))
  const last = Math.max(1, ...layers.map(({ layer }) => layer))
  const top = Math.ceil(Math.max(5, ...layers.map(({ largest }) => power(largest))))
  const x = (layer: number) => round(margin.left + (layer / last) * (width - margin.left - margin.right))
  const y = (exponent: number) => round(height - margin.bottom - (exponent / top) * (height - margin.top - margin.bottom))
  const grid = Array.from({ length: top + 1 }, (_, exponent) =>
    `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(exponent)}" y2="${y(exponent)}" stroke="#e5e7eb"/>` +
    `<text x="${margin.left - 8}" y="${y(exponent) + 4}" text-anchor="end">10<tspan dy="-4" font-size="9">${exponent}</tspan></text>`)
  const curves = lines.map(({ colour, dash, of }) => {
    const points = layers.filter((layer) => layer[of] !== null).map((layer) => `${x(layer.layer)},${y(power(layer[of]))}`)
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${points.join(' ')}"/>`
  })
  const end = y(Math.log10(largestHalf))
  const limit = `<line x1="${margin.left}" x2="${width - margin.right}" y1="${end}" y2="${end}" stroke="#dc2626"/><text x="${width - margin.right}" y="${end - 6}" text-anchor="end" fill="#dc2626">65,504: 16-bit floats end here</text>`
  const legend = lines.map(({ name, colour, dash }, i) =>
    `<line x1="${margin.left + 150 * i}" x2="${margin.left + 24 + 150 * i}" y1="32" y2="32" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${margin.left + 30 + 150 * i}" y="36">${name}</text>`)
  const ticks = [0, last].map((layer) => `<text x="${x(layer)}" y="${height - margin.bottom + 18}" text-anchor="middle">layer ${layer}</text>`)
  const title = escaped(`${model.name}: largest values per layer in ${ranges.dtype}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" style="background:#fff;font:12px sans-serif"><title>${title}</title><text x="${margin.left}" y="18" font-weight="bold">${title}</text>${[...grid, limit, ...curves, ...legend, ...ticks].join('')}</svg>\n`
}

function power(value: number | null): number {
  return Math.log10(Math.max(1, value ?? 1))
}

function round(value: number): number {
  return Number(value.toFixed(1))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
