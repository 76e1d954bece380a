import { useEffect, useState } from 'react'

/** Chromium's event for apps that can be installed; not in TypeScript's DOM. */
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<unknown>
}

/** Asks the user to install the app; undefined where the browser does not offer it, or it is installed. */
export function useInstallPrompt(): (() => void) | undefined {
  const [offer, setOffer] = useState<BeforeInstallPromptEvent>()
  useEffect(() => {
    const keep = (event: Event) => {
      // The page's button takes the place of the browser's own hint.
      event.preventDefault()
      setOffer(event as BeforeInstallPromptEvent)
    }
    const drop = () => setOffer(undefined)
    addEventListener('beforeinstallprompt', keep)
    addEventListener('appinstalled', drop)
    return () => {
      removeEventListener('beforeinstallprompt', keep)
      removeEventListener('appinstalled', drop)
    }
  }, [])
  if (!offer) return undefined
  return () => {
    // An offer can be used once, whatever the user answers.
    setOffer(undefined)
    void offer.prompt()
  }
}
