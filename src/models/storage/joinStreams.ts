/** The streams one after the other; each is opened when its turn comes. */
export function joinStreams(streams: readonly (() => ReadableStream<Uint8Array>)[]): ReadableStream<Uint8Array> {
  let next = 0
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          reader ??= streams[next++]?.().getReader()
          if (!reader) return controller.close()
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          reader = undefined
        }
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
