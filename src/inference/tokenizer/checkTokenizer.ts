import { LLMError } from '../../errors/index.js'

/** Ids from here on are no token's: the largest known vocabularies have a tenth of this. */
const mostIds = 2 ** 22

/**
 * Refuses a vocabulary that the tokenizer's library would stumble over later, or run through for minutes.
 * Whether the file is a tokenizer at all is the library's to say.
 * @param tokenizer the parsed `tokenizer.json`.
 * @throws LLMError `model-corrupt`
 */
export function checkTokenizer(tokenizer: unknown): void {
  if (!isObject(tokenizer)) return
  const { model, added_tokens: added } = tokenizer
  if (isObject(model)) {
    checkVocabulary(model.vocab)
    checkMerges(model.merges)
    if (typeof (model.unk_token ?? '') !== 'string') throw broken('has an unk_token that is no text')
  }
  checkAdded(added)
}

function checkVocabulary(vocab: unknown): void {
  // Unigram: pieces with scores, whose ids are their places.
  if (Array.isArray(vocab)) {
    for (const entry of vocab as unknown[]) {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number') throw broken('has a piece that is not a text with a score')
    }
    return
  }
  if (!isObject(vocab)) return
  const seen = new Uint8Array(mostIds)
  for (const token of Object.keys(vocab)) {
    const id = vocab[token]
    if (!isId(id)) throw broken(`gives the token ${show(token)} the id ${show(id)}`)
    if (seen[id]) throw broken(`gives the id ${id} to two tokens, one of them ${show(token)}`)
    seen[id] = 1
  }
}

function checkMerges(merges: unknown): void {
  if (merges === undefined || merges === null) return
  if (!Array.isArray(merges)) throw broken('has merges that are no list')
  // Older files have texts, newer ones pairs, never both.
  const isPairs = Array.isArray(merges[0])
  for (const merge of merges as unknown[]) {
    const isMerge = isPairs
      ? Array.isArray(merge) && merge.length === 2 && typeof merge[0] === 'string' && typeof merge[1] === 'string'
      : typeof merge === 'string' && merge.includes(' ')
    if (!isMerge) throw broken(`has the merge ${show(merge)}, which is not two tokens`)
  }
}

function checkAdded(added: unknown): void {
  if (added === undefined || added === null) return
  if (!Array.isArray(added)) throw broken('has added_tokens that are no list')
  for (const token of added as unknown[]) {
    if (!isObject(token) || typeof token.content !== 'string' || !isId(token.id)) throw broken(`has the added token ${show(token)}, which has no text or no id`)
  }
}

/** The error for a `tokenizer.json` that is one, and is wrong. */
export function broken(what: string, cause?: unknown): LLMError {
  return new LLMError({
    code: 'model-corrupt',
    subject: 'tokenizer.json',
    message: `tokenizer.json ${what}. Download or convert the model again.`,
    cause,
  })
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < mostIds
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80)
}
