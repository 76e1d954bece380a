import { expect, it } from 'vitest'
import type { GenerateEvent } from '../inference/types.js'
import { EventBuffer } from './EventBuffer.js'

const text = (value: string): GenerateEvent => ({ type: 'text-delta', text: value })
const finish = { type: 'finish', reason: 'stop', tokenIds: [], metrics: {} } as unknown as GenerateEvent

async function collect(buffer: EventBuffer): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = []
  for await (const event of buffer.drain()) events.push(event)
  return events
}

it('joins deltas of one kind that wait', async () => {
  const buffer = new EventBuffer()
  buffer.push([text('a'), text('b'), { type: 'tool-input-delta', id: '1', delta: '{' }])
  buffer.push([{ type: 'tool-input-delta', id: '1', delta: '}' }, { type: 'tool-input-delta', id: '2', delta: '[' }, text('c'), finish])
  expect(await collect(buffer)).toEqual([
    text('ab'),
    { type: 'tool-input-delta', id: '1', delta: '{}' },
    { type: 'tool-input-delta', id: '2', delta: '[' },
    text('c'),
    finish,
  ])
})

it('hands events over as they come, and ends with `finish`', async () => {
  const buffer = new EventBuffer()
  const collected = collect(buffer)
  for (const event of [text('a'), text('b'), finish, text('late')]) {
    buffer.push([event])
    await new Promise((resolve) => setTimeout(resolve))
  }
  expect(await collected).toEqual([text('a'), text('b'), finish])
})

it('throws a failure after what came before it', async () => {
  const buffer = new EventBuffer()
  buffer.push([text('a')])
  buffer.fail(new Error('broken'))
  const events = buffer.drain()
  expect((await events.next()).value).toEqual(text('a'))
  await expect(events.next()).rejects.toThrow('broken')
})
