import { expect, it } from 'vitest'
import { findChatTemplates } from './chatTemplate.js'

const named = [
  { name: 'tool_use', template: 'with tools' },
  { name: 'default', template: 'plain' },
]

it.each([
  ['own', 'jinja', { chat_template: 'config' }, 'own', undefined],
  [undefined, 'jinja', { chat_template: 'config' }, 'jinja', undefined],
  [undefined, undefined, { chat_template: 'config' }, 'config', undefined],
  [undefined, '', { chat_template: 'config' }, 'config', undefined],
  [undefined, undefined, { chat_template: named }, 'plain', 'with tools'],
  [undefined, 'jinja', { chat_template: named }, 'jinja', undefined],
  [undefined, undefined, { chat_template: [{ name: 'rag', template: 'r' }] }, 'r', undefined],
  [undefined, undefined, { chat_template: [null, { name: 'default' }] }, undefined, undefined],
  [undefined, undefined, {}, undefined, undefined],
])('own %o, jinja %o, config %o', (own, jinja, config, chatTemplate, toolChatTemplate) => {
  expect(findChatTemplates(own, jinja, config)).toEqual({ chatTemplate, toolChatTemplate })
})
