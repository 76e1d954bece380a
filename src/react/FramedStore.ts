import { onNextFrame } from './onNextFrame.js'
import type { SnapshotSource } from './SnapshotSource.js'

/**
 * Shows a fast source to React at most once a frame. Between frames the snapshot holds still, so
 * renders that run at the same time agree. Changes of status, and all changes while the source is
 * not busy, are shown at once.
 */
export class FramedStore<S extends { status: string }> implements SnapshotSource<S> {
  readonly #source: SnapshotSource<S>
  readonly #isBusy: (snapshot: S) => boolean
  readonly #listeners = new Set<() => void>()
  #shown: S | undefined
  #disconnect: (() => void) | undefined
  #cancelFrame: (() => void) | undefined

  constructor(source: SnapshotSource<S>, isBusy: (snapshot: S) => boolean) {
    this.#source = source
    this.#isBusy = isBusy
  }

  getSnapshot = (): S => this.#shown ?? this.#source.getSnapshot()

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (!this.#disconnect) {
      this.#disconnect = this.#source.subscribe(this.#onChange)
      this.#shown = this.#source.getSnapshot()
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#disconnect?.()
      this.#disconnect = undefined
      this.#shown = undefined
      this.#cancelFrame?.()
      this.#cancelFrame = undefined
    }
  }

  #onChange = (): void => {
    const next = this.#source.getSnapshot()
    if (next.status !== this.#shown?.status || !this.#isBusy(next)) this.#show()
    else this.#cancelFrame ??= onNextFrame(this.#show)
  }

  #show = (): void => {
    this.#cancelFrame?.()
    this.#cancelFrame = undefined
    this.#shown = this.#source.getSnapshot()
    for (const listener of [...this.#listeners]) listener()
  }
}
