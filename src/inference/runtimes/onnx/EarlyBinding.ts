import type { OrtBinding } from './OrtBinding.js'

/** ONNX Runtime, opened at most once, and started before there is a model for it. */
export class EarlyBinding {
  readonly #open: () => Promise<OrtBinding>
  #opened: Promise<OrtBinding> | undefined

  /** @param open as of the platform. */
  constructor(open: () => Promise<OrtBinding>) {
    this.#open = open
  }

  /** Begins what takes long and needs no model. What goes wrong is told by who needs it. */
  start(): void {
    void this.open()
      .then((binding) => binding.start?.())
      .catch(() => undefined)
  }

  open(): Promise<OrtBinding> {
    return (this.#opened ??= this.#open())
  }
}
