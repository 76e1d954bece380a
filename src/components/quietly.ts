/** Runs `action`; a failure is dropped, because the state that comes back by props tells of it. */
export function quietly(action: () => unknown): void {
  void (async () => action())().catch(() => undefined)
}
