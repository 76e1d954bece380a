/** Runs `action`; a rejection is dropped, because the state that comes back by props tells of it. */
export function quietly(action: () => unknown): void {
  Promise.resolve(action()).catch(() => undefined)
}
