/** Most characters of a result that the model gets unless the app says otherwise: about 1000 tokens. */
export const DEFAULT_RESULT_CHARS = 4000

/** A call's result as the JSON text that the model gets. What is too long is cut and becomes a text with a marker. */
export function toResultContent(output: unknown, limit: number): string {
  const json = JSON.stringify(output ?? null)
  if (json.length <= limit) return json
  return JSON.stringify(cut(typeof output === 'string' ? output : json, limit))
}

/** A call's error as the JSON text that the model gets. */
export function toErrorContent(error: string, limit: number): string {
  const isLong = JSON.stringify(error).length > limit
  return JSON.stringify({ error: isLong ? cut(error, limit) : error })
}

/** The marker comes on top of the limit, so that it is there however small the limit is. */
function cut(text: string, limit: number): string {
  let kept = text.slice(0, limit)
  for (let excess = 1; excess > 0 && kept !== ''; ) {
    excess = JSON.stringify(kept).length - limit
    // No character takes more than six as JSON.
    if (excess > 0) kept = kept.slice(0, -Math.ceil(excess / 6))
  }
  if (/[\uD800-\uDBFF]$/.test(kept)) kept = kept.slice(0, -1)
  return `${kept} …[cut: the first ${kept.length} of ${text.length} characters]`
}
