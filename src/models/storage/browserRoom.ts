/** Bytes the browser still gives this origin; undefined where it does not tell (WebKitGTK, pages on plain http). */
export async function browserRoom(): Promise<number | undefined> {
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } }
  const { quota, usage } = (await navigator?.storage?.estimate?.().catch(() => undefined)) ?? {}
  return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage)
}
