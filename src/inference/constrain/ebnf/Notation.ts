import type { Spelling } from './patternGrammar.js'
import type { RuleBook } from './RuleBook.js'

/** One way to write a string. */
export interface Quoting extends Spelling {
  /** What stands before and after the string. */
  quote: string
  /** An expression of any text between the quotes. */
  content(book: RuleBook): string
}

/** How a language writes values: what differs between JSON and the other notations of calls. Keys come with the mark behind them. */
export interface Notation {
  /** Names its rules. */
  name: string
  /** Between members and between items. */
  comma: string
  true: string
  false: string
  null: string
  /** The ways to write a string, one or more. */
  quotings: readonly Quoting[]
  /** What may stand behind a string, the text behind its quote: any of these characters. */
  afterString: string
  /** An expression of exactly this value; undefined where it cannot be written. */
  constant(value: unknown): string | undefined
  /** An expression of this key of an object. */
  key(name: string): string
  /** An expression of any key. @param string any string's. */
  anyKey(string: string): string
  /** Where a call's arguments are not written as an object's members. */
  argument?: {
    /** Undefined for a name that no argument can have: such arguments are spread from an object. */
    key(name: string): string | undefined
    anyKey: string
  }
}
