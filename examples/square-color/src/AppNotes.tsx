import { useInstallPrompt } from './useInstallPrompt'
import { useOnline } from './useOnline'
import { useForgetModel, useKeptModel, useServiceWorker } from './useServiceWorker'

interface AppNotesProps {
  /** The embedded model is loaded. */
  isReady: boolean
  /** Its files are not what they should be. */
  isBroken: boolean
}

/** Whether the app works without a network, and what is to be had: installation, a new version. */
export function AppNotes({ isReady, isBroken }: AppNotesProps) {
  const isOnline = useOnline()
  const install = useInstallPrompt()
  const update = useServiceWorker()
  const isKept = useKeptModel(isReady)
  useForgetModel(isBroken)
  return (
    <div className="notes">
      <p role="status">
        {!isOnline && 'You are offline. '}
        {isKept && !isBroken && (isOnline ? 'Works offline from now on.' : 'The model runs on this device.')}
      </p>
      {install && <button type="button" onClick={install}>Install the app</button>}
      {update && <button type="button" onClick={update}>Reload for the new version</button>}
    </div>
  )
}
