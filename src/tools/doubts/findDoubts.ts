import type { JSONSchema } from '../types.js'
import { isEnumDoubtful } from './enumDoubt.js'
import { Evidence } from './Evidence.js'
import { isNegated } from './isNegated.js'
import { isStringGrounded } from './isStringGrounded.js'
import { isBentIntoRange } from './rangeDoubt.js'
import type { SaidNumber } from './saidNumbers.js'
import { enumOf, isSchema, rangeOf, schemasAt, schemasOf } from './schemaAt.js'
import type { Doubt, DoubtContext } from './types.js'
import { nameWords, squeeze } from './words.js'

/** One value inside a call's input. */
interface Leaf {
  path: string
  key: string
  value: unknown
  schemas: readonly JSONSchema[]
}

/**
 * Checks a valid call against the conversation: numbers, names and texts must be traceable to it, the
 * user's last message must not ask for the opposite, and no number may have been bent into the schema's
 * range. Booleans, null, empty texts and values that are the schema's default pass. Finds nothing where
 * it can't tell; a finding is a reason to ask, not a proof.
 */
export function findDoubts({ input, inputSchema, toolName, description = '', userTexts, contextTexts = [] }: DoubtContext): Doubt[] {
  const lastText = userTexts.at(-1) ?? ''
  const last = new Evidence([lastText])
  const all = new Evidence([...userTexts, ...contextTexts])
  const leaves = [...leavesOf(input, { path: '', key: '', schemas: schemasOf(inputSchema, inputSchema) }, inputSchema)]
  const call = {
    toolName,
    description,
    schemaWords: wordsOfSchema(inputSchema),
    values: leaves.map(({ value }) => value),
  }
  const doubts: Doubt[] = isNegated(lastText, call) ? [{ path: '', kind: 'negated' }] : []
  for (const leaf of leaves) {
    const kind = doubtOf(leaf, leaves, { all, last })
    if (kind) doubts.push({ path: leaf.path, kind })
  }
  return doubts
}

function doubtOf(leaf: Leaf, leaves: readonly Leaf[], { all, last }: { all: Evidence; last: Evidence }): 'ungrounded' | 'out-of-range' | undefined {
  const { value, schemas } = leaf
  if (isByRule(value, schemas)) return undefined
  const others = leaves.filter((other) => other !== leaf).map((other) => other.value)
  if (typeof value === 'number') {
    const range = rangeOf(schemas)
    const limited = { value, minimum: range.minimum, maximum: range.maximum, ...parameterWords(leaf) }
    if (isBentIntoRange(limited, { last, all }, (number) => isCarried(number, others))) return 'out-of-range'
    // A number word of another language can't be read, so only a number that nobody spells out is missed.
    if (!all.isEnglish && Math.abs(value) <= 1000) return undefined
    return all.impliesNumber(value) || all.impliesEnd(value, range) ? undefined : 'ungrounded'
  }
  if (typeof value !== 'string') return undefined
  const list = enumOf(schemas)
  const isDoubtful = list?.includes(value)
    ? isEnumDoubtful(value, list, { all, last, others: others.filter((other) => typeof other === 'string') })
    : !isStringGrounded(value, all)
  return isDoubtful ? 'ungrounded' : undefined
}

/** What needs no grounding: booleans, null, the schema's default, in a keyword or in its description. */
function isByRule(value: unknown, schemas: readonly JSONSchema[]): boolean {
  if (value === null || typeof value === 'boolean' || value === '') return true
  return schemas.some((schema) => {
    if ('default' in schema && schema.default === value) return true
    if ('const' in schema && schema.const === value) return true
    const stated = typeof schema.description === 'string' ? /\bdefaults?(?: is| to|:)?\s+["'`]?([^\s"'`,;()]+)/i.exec(schema.description)?.[1] : undefined
    return stated !== undefined && squeeze(stated) === squeeze(String(value))
  })
}

/** Whether a value of the call holds a number that was said, by itself or in a text. */
function isCarried(number: SaidNumber, values: readonly unknown[]): boolean {
  return values.some((value) => {
    if (typeof value === 'number') return number.readings.some((reading) => Math.abs(reading) === Math.abs(value) || reading * 60 === value || reading * 1000 === value || reading * 100 === value)
    return typeof value === 'string' && value.match(/\d+/g)?.some((digits) => number.readings.includes(Number(digits)))
  })
}

function parameterWords({ key, schemas }: Leaf): { name: string[]; description: string[] } {
  const texts = schemas.map(({ description }) => description).filter((text) => typeof text === 'string')
  return { name: nameWords(key), description: texts.flatMap(nameWords) }
}

function* leavesOf(value: unknown, at: Omit<Leaf, 'value'>, root: JSONSchema): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) {
    yield { ...at, value }
    return
  }
  for (const [key, item] of Object.entries(value)) {
    const isItem = Array.isArray(value)
    const pointer = key.replaceAll('~', '~0').replaceAll('/', '~1')
    const schemas = schemasAt(at.schemas, isItem ? Number(key) : key, root)
    yield* leavesOf(item, { path: `${at.path}/${pointer}`, key: isItem ? at.key : key, schemas }, root)
  }
}

/** Names, descriptions and closed lists of the parameters. */
function wordsOfSchema(schema: unknown): string[] {
  if (!isSchema(schema)) return []
  const { properties, description, items } = schema
  const own = [description, ...(Array.isArray(schema.enum) ? schema.enum : [])].filter((word) => typeof word === 'string')
  const inner = isSchema(properties) ? Object.entries(properties).flatMap(([name, child]) => [name, ...wordsOfSchema(child)]) : []
  return [...own, ...inner, ...wordsOfSchema(items)]
}
