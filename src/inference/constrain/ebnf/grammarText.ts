import type { GrammarNode } from '../../../tools/formats/grammar.js'
import { compactJSON } from './compactJSON.js'
import { jsonNotation, notationOf } from './notations.js'
import { choice, literal, nothing, repeat, RuleBook, sequence } from './RuleBook.js'
import { SchemaGrammar } from './SchemaGrammar.js'
import { xmlArguments } from './xmlArguments.js'

/** A grammar in xgrammar's EBNF whose root matches `node`. */
export function grammarText(node: GrammarNode): string {
  const book = new RuleBook()
  return book.toText(write(node, book))
}

function write(node: GrammarNode, book: RuleBook): string {
  if ('text' in node) return node.text === '' ? nothing : literal(node.text)
  if ('json' in node) return new SchemaGrammar(book, node.json, node.compact ? compactJSON : jsonNotation).value()
  if ('arguments' in node) return new SchemaGrammar(book, node.arguments, notationOf(node.notation)).arguments()
  if ('xml' in node) return xmlArguments(book, node.xml)
  if ('sequence' in node) return sequence(node.sequence.map((part) => write(part, book)))
  if ('choice' in node) return choice(node.choice.map((option) => write(option, book)))
  const item = book.add('item', write(node.list, book))
  return sequence([item, repeat(sequence([literal(node.separator), item]), 0, undefined)])
}
