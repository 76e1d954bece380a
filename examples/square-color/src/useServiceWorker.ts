import { useEffect, useState } from 'react'

/** Development has no service worker: it would answer with yesterday's files. */
const hasServiceWorker = import.meta.env.PROD && 'serviceWorker' in navigator

/**
 * Registers `sw.js`. Returns what changes over to a new version of the app, with a reload, once there is one;
 * without that it comes when all tabs of the app are closed.
 */
export function useServiceWorker(): (() => void) | undefined {
  const [waiting, setWaiting] = useState<ServiceWorker>()
  useEffect(() => {
    if (!hasServiceWorker) return undefined
    const listening = new AbortController()
    void register(listening.signal, setWaiting)
    return () => listening.abort()
  }, [])
  if (!waiting) return undefined
  return () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
    waiting.postMessage('activate')
  }
}

async function register(signal: AbortSignal, onWaiting: (worker: ServiceWorker) => void): Promise<void> {
  // Without one (a private window, a server that lacks the file) the app works, with a network.
  const registration = await navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`).catch(() => undefined)
  if (!registration) return
  const look = () => {
    // The first version of all waits for nobody.
    if (!signal.aborted && registration.waiting && navigator.serviceWorker.controller) onWaiting(registration.waiting)
  }
  look()
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look, { signal }), { signal })
}

/** Whether a load of the model needs no network, once it `isReady`; undefined as long as that is not known. */
export function useKeptModel(isReady: boolean): boolean | undefined {
  const [isKept, setKept] = useState<boolean>()
  useEffect(() => {
    if (!hasServiceWorker || !isReady) return undefined
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<boolean>) => setKept(data)
    void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage('complete-model', [port2]))
    return () => port1.close()
  }, [isReady])
  return isKept
}

/** Removes what is kept of the model once it `isBroken`: the next load asks the server. */
export function useForgetModel(isBroken: boolean): void {
  useEffect(() => {
    if (hasServiceWorker && isBroken) navigator.serviceWorker.controller?.postMessage('forget-model')
  }, [isBroken])
}
