// Figures as a picture: bars of medians, the shorter the better, for each thing that was measured.

/** @typedef {ReturnType<typeof import('./goals.mjs').rowsOf>} Rows */

const colours = { ours: '#1f6feb', transformers: '#d29922', wllama: '#8957e5' }
const OTHER = '#8b949e'

const WIDTH = 720
const LABEL = 150
const BAR = 16
const HEAD = 26
const GAP = 14
const FIGURE_ROOM = 200

const escape = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

/** What ours and all others took, by what was measured. @param {Rows} rows */
function groupsOf(rows) {
  const groups = new Map()
  for (const { what, against, ours, theirs, value, unitOf, medians, goal } of rows) {
    const group = groups.get(what) ?? { what, unit: unitOf, bars: [{ side: 'ours', text: ours, size: medians[0] }] }
    const aim = goal ? `, aim ${goal.least} ×` : ''
    group.bars.push({ side: against, text: `${theirs} (${value.toFixed(1)} ×${aim})`, size: medians[1] })
    groups.set(what, group)
  }
  return [...groups.values()]
}

/**
 * A drawing of all rows. Bars are to scale within a group only.
 * @param {Rows} rows
 * @returns {string} an `<svg>` element
 */
export function chart(rows) {
  let y = 0
  const parts = groupsOf(rows).map(({ what, unit, bars }) => {
    const most = Math.max(...bars.map(({ size }) => size))
    const title = `<text x="0" y="${y + 18}" font-weight="600">${escape(what)}${unit === 'tok/s' ? ', more is better' : ''}</text>`
    y += HEAD
    const drawn = bars.map(({ side, text, size }) => {
      const width = Math.max(1, ((WIDTH - LABEL - FIGURE_ROOM) * size) / most)
      const line = [
        `<text x="0" y="${y + 12}">${escape(side)}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 3}" rx="2" fill="${colours[side] ?? OTHER}" />`,
        `<text x="${(LABEL + width + 6).toFixed(1)}" y="${y + 12}">${escape(text)}</text>`,
      ]
      y += BAR
      return line.join('')
    })
    y += GAP
    return title + drawn.join('')
  })
  const summary = groupsOf(rows).map(({ what, bars }) => `${what}: ${bars.map(({ side, text }) => `${side} ${text}`).join(', ')}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" font-family="system-ui, sans-serif" font-size="12" fill="currentColor" style="max-width:100%;height:auto"><title>${escape(summary.join('. '))}</title>${parts.join('')}</svg>`
}
