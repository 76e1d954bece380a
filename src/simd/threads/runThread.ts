import { CoreModule } from '../CoreModule.js'
import { ThreadControl } from './ThreadControl.js'

/** What a thread is started with. Sent as a message: module and memory arrive as the same ones. */
export interface ThreadInit {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
  /** Address of the control block. */
  control: number
  /** 1 and up: thread 0 is the one that made the pool. */
  index: number
  /** Number of the last job before it came. */
  seen: number
}

/**
 * The life of a thread: works on what thread 0 works on, until it is told to end.
 * @param ready called once, before the first job is waited for.
 */
export async function runThread(init: ThreadInit, ready: () => void): Promise<void> {
  const { memory, index } = init
  const control = new ThreadControl(memory, init.control, index + 1, { seen: init.seen })
  // Who cannot start tells that by its rejection only: the others do without.
  const core = await CoreModule.of(init.module).instantiate(memory, () => control.meet())
  ready()
  try {
    for (;;) {
      const { step, run, first, second } = control.take()
      const { threads } = control
      // A thread of a start that failed may still be waiting.
      if (index >= threads) return
      if (step === 'begin') core.begin(run, index, threads)
      else if (step === 'layer') core.layer(run, first, index, threads)
      else if (step === 'logits') core.logits(run, first, second, index, threads)
      control.meet()
      if (step === 'end' && index >= first) return
    }
  } catch (error) {
    control.fail()
    throw error
  }
}
