import { expect, it } from 'vitest'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import { saidWords } from './saidWords.js'
import { TokenKinds } from './TokenKinds.js'

const { tokenizer } = new ChatCodec(hermesSetup())
const first = (text: string) => tokenizer.encode(text)[0]!

it('takes the words of the last user message, as they start a text, each once', () => {
  const messages = [
    { role: 'user', content: 'Never mind' },
    { role: 'user', content: 'Blue, please: blue 42 times!' },
    { role: 'assistant', content: 'Done' },
  ] as const
  expect(saidWords(tokenizer, messages)).toEqual(['Blue', 'blue', 'please', '42', 'times'].map(first))
  expect(saidWords(tokenizer, [])).toEqual([])
})

it('counts tokens as one kind that differ in capitals and blanks only', () => {
  const kinds = new TokenKinds(tokenizer, 49_152)
  const kindOf = (text: string) => {
    const ids = tokenizer.encode(text)
    expect(ids).toHaveLength(1)
    return kinds.of(ids[0]!)
  }
  expect(new Set(['blue', ' blue', ' Blue', 'Blue'].map(kindOf)).size).toBe(1)
  expect(new Set(['blue', 'red', '"', ' ', '  ', '\n', '<|im_end|>'].map(kindOf)).size).toBe(7)
  expect(kindOf(' blue')).toBe(kinds.of(first('blue')))
})
