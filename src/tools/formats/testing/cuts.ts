/** Numbers in [0, 1) that a seed decides. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Pieces such as a tokenizer makes: words with the space before them, digits, runs of signs, special tokens. */
export function tokenPieces(text: string): string[] {
  return text.match(/<\|?[\w/]+\|?>|\[[A-Z_]+\]| ?\p{L}+|\d|\s+|[^\s\p{L}\d]{1,3}/gu) ?? []
}

/** Pieces of 1 to 24 UTF-16 units, mostly short. */
export function randomPieces(text: string, next: () => number): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    const length = 1 + Math.floor(next() * next() * 24)
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}

/** One to three edits as a small model's slips make them: something lost, said twice, or put in. */
export function damage(text: string, insertions: readonly string[], next: () => number): string {
  let damaged = text
  for (let edits = 1 + Math.floor(next() * 3); edits > 0; edits--) {
    const at = Math.floor(next() * damaged.length)
    const length = 1 + Math.floor(next() * next() * 20)
    const kind = Math.floor(next() * 3)
    const inserted = kind === 2 ? (insertions[Math.floor(next() * insertions.length)] ?? '') : ''
    const repeated = kind === 1 ? damaged.slice(at, at + length) : ''
    damaged = damaged.slice(0, at) + inserted + repeated + damaged.slice(kind === 0 ? at + length : at)
  }
  return damaged
}
