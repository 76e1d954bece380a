import type { Guide } from '../../constrain/Guide.js'
import { assertNumbers } from '../../generate/assertNumbers.js'
import type { AbortProbe } from '../../generate/AbortProbe.js'
import type { TransformersNamespace } from './transformersModel.js'

/** The parts of a session that a generation replaces for its time. */
export interface HookedSession {
  run(feeds: object): Promise<object>
}

/** What happens at each step of Transformers.js' generate. */
export interface StepHandlers {
  probe: AbortProbe
  /** Keeps the answer within a grammar. Default: it is free. */
  guide: Guide | undefined
  /** Picks a token, or takes the one that the grammar forces. May overwrite the logits. */
  sample(logits: Float32Array, forced: number | undefined): number
  /** Takes the picked token; false ends the sequence. */
  accept(id: number): boolean
  session: HookedSession
}

/** Our sampler, our output and our abort inside Transformers.js' generate. */
export interface GenerationHooks {
  /** For `generate()`. */
  options: { logits_processor: object; streamer: object; stopping_criteria: object }
  /** Whether the generation was ended by the probe. */
  aborted(): boolean
  /** Gives the session back as it was. Call once, at the end. */
  remove(): void
}

/** Builds the hooks of one generation. */
export function generationHooks(transformers: TransformersNamespace, handlers: StepHandlers): GenerationHooks {
  const { LogitsProcessor, LogitsProcessorList, StoppingCriteria, BaseStreamer } = transformers
  const state = { ended: false, aborted: false, promptSeen: false }
  /** Tokens that come next whatever the model says. generate() takes them one by one. */
  const forced: number[] = []

  class OurSampler extends LogitsProcessor {
    override _call(_ids: bigint[][], logits: { data: Float32Array }) {
      assertNumbers(logits.data)
      const token = handlers.sample(logits.data, forced.shift())
      logits.data.fill(Number.NEGATIVE_INFINITY)
      logits.data[token] = 0
      return logits
    }
  }
  class OurOutput extends BaseStreamer {
    override put(ids: bigint[][]) {
      if (state.promptSeen) state.ended = !handlers.accept(Number(ids[0]![0]))
      state.promptSeen = true
    }
    override end() {
      // What was held back is reported by whoever owns the turn.
    }
  }
  class OurStop extends StoppingCriteria {
    override _call(ids: number[][]) {
      return ids.map(() => state.ended || state.aborted)
    }
  }

  const processors = new LogitsProcessorList()
  processors.push(new OurSampler())
  const { session } = handlers
  const { run } = session
  // Runs are the only places where generate() awaits: there the event loop can turn.
  session.run = async (feeds) => {
    if (await handlers.probe.check()) state.aborted = true
    if (forced.length === 0) forced.push(...((await handlers.guide?.takeForced()) ?? []))
    const [outputs, ready] = await Promise.allSettled([run.call(session, feeds), forced.length === 0 ? handlers.guide?.prepare() : undefined])
    if (outputs.status === 'rejected') throw outputs.reason
    if (ready.status === 'rejected') throw ready.reason
    return outputs.value
  }
  return {
    options: { logits_processor: processors, streamer: new OurOutput(), stopping_criteria: new OurStop() },
    aborted: () => state.aborted && !state.ended,
    remove: () => {
      session.run = run
    },
  }
}
