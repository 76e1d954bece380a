import type { ToolPart } from 'react-edge-llm'
import { stops } from './stopCases.js'
import type { Turn } from './Turn.js'

/** One way a turn can go. Throws where it goes another. */
export interface Case {
  name: string
  run: (turn: Turn) => Promise<void>
}

const light = { about: ['set_light'] }
const alarm = { about: ['set_alarm'], tools: { set_alarm: { needsApproval: true } } }
const thermometer = { about: ['get_temperature'], maxSteps: 1 }

const plain: Case[] = [
  {
    name: 'one call, and an answer to its result',
    async run(turn) {
      await turn.open(light)
      await turn.begin('Turn on the light in the kitchen')
      const hasNextStep = (): boolean => turn.app.chat.messages.at(-1)!.parts.some(({ type }) => type === 'step-start')
      await turn.app.until(() => !turn.app.chat.isBusy || hasNextStep(), 'a second step')
      // Nonsense would go on up to its limit.
      if (!turn.hasSense) turn.app.chat.stop()
      const { metadata, parts } = await turn.answered()
      turn.sameRuns([['set_light', { room: 'kitchen', on: true }]])
      turn.sameStates('output-available')
      turn.claim(metadata?.toolUse === 'called' && hasNextStep(), 'a second step', parts)
      if (turn.hasSense) turn.claim(turn.app.text !== '', 'an answer')
    },
  },
  {
    name: 'calls side by side',
    async run(turn) {
      let running = 0
      let most = 0
      turn.house.handlers.set_light = async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 100))
        running--
        return { ok: true }
      }
      // Without sense a second call is a matter of luck.
      for (let seed = 1; most < 2 && seed <= (turn.hasSense ? 1 : 10); seed++) {
        await turn.open({ ...light, ...(!turn.hasSense && { seed, parallelToolCalls: true, maxTokens: 64 }), maxSteps: 1 })
        await turn.say('Turn off the light in the kitchen and the bedroom')
      }
      turn.claim(most >= 2, 'two handlers at a time')
      turn.sameRuns([
        ['set_light', { room: 'kitchen', on: false }],
        ['set_light', { room: 'bedroom', on: false }],
      ])
    },
  },
  {
    name: 'the result of a call in the next one',
    async run(turn) {
      await turn.open({ about: ['find_contact', 'call_number'], parallelToolCalls: false, maxSteps: turn.hasSense ? 3 : 1 })
      await turn.say('Find the number of Ann and then call it')
      turn.sameRuns([
        ['find_contact', { name: 'Ann' }],
        ['call_number', { number: '555-0142' }],
      ])
    },
  },
  {
    name: 'no tool applies',
    async run(turn) {
      await turn.open({ ...light, ...(!turn.hasSense && { toolChoice: 'auto', maxTokens: 6 }) })
      const { metadata } = await turn.say('What is the capital of France?')
      turn.claim(turn.house.runs.length === 0 && turn.app.calls.length === 0 && turn.app.text !== '', 'text and no call')
      const expected = turn.hasSense ? metadata?.toolUse === 'not-called' : metadata?.interrupted === 'length'
      turn.claim(expected, 'the message says why it has no call', metadata)
    },
  },
]

const decided: Case[] = [
  {
    name: 'a call that the user allows',
    async run(turn) {
      await turn.open({ ...alarm, maxSteps: 1 })
      const asked = await askedAbout(turn, 'Set an alarm for 7:30')
      turn.app.chat.addToolApproval({ toolCallId: asked.toolCallId, approved: true })
      await turn.answered()
      turn.sameRuns([['set_alarm', { time: '07:30' }]])
      const [call] = turn.app.calls
      turn.claim(call?.state === 'output-available' && call.approval?.approved === true, 'a call that was allowed and ran')
    },
  },
  {
    name: 'a call that the user denies',
    async run(turn) {
      await turn.open({ ...alarm, maxSteps: turn.hasSense ? 2 : 1 })
      const asked = await askedAbout(turn, 'Set an alarm for 7:30')
      turn.app.chat.addToolApproval({ toolCallId: asked.toolCallId, approved: false, reason: 'too early' })
      await turn.answered()
      turn.claim(turn.house.runs.length === 0, 'no handler ran', turn.house.runs)
      const [call] = turn.app.calls
      turn.claim(call?.state === 'output-denied' && call.approval.reason === 'too early', 'a denied call')
    },
  },
  {
    name: 'a handler that throws',
    async run(turn) {
      turn.house.handlers.get_temperature = () => {
        throw new Error('the sensor is offline')
      }
      await turn.open({ ...thermometer, maxSteps: turn.hasSense ? 2 : 1 })
      await turn.say('How warm is it in the bedroom?')
      turn.sameRuns([['get_temperature', { room: 'bedroom' }]])
      const [call] = turn.app.calls
      const failed = call?.state === 'output-error' && call.errorCode === 'tool-failed' && call.errorText === 'the sensor is offline'
      turn.claim(failed, 'a call that failed')
      turn.claim(turn.errors.includes('tool-failed'), 'onError was told', turn.errors)
    },
  },
  {
    name: 'a handler that never returns',
    async run(turn) {
      let signal: AbortSignal | undefined
      turn.house.handlers.get_temperature = (_input, context) => {
        signal = context.signal
        return new Promise(() => undefined)
      }
      await turn.open({ ...thermometer, tools: { get_temperature: { timeout: 200 } } })
      await turn.say('How warm is it in the bedroom?')
      turn.sameRuns([['get_temperature', { room: 'bedroom' }]])
      const [call] = turn.app.calls
      turn.claim(call?.state === 'output-error' && call.errorCode === 'tool-timeout', 'a call that timed out')
      turn.claim(signal?.aborted === true && turn.errors.includes('tool-timeout'), 'handler and app were told', turn.errors)
    },
  },
  {
    name: 'how sure the model was',
    async run(turn) {
      const measured: number[][] = []
      for (const constrained of turn.hasSense ? [true, false] : [true]) {
        await turn.open({ ...light, confirmBelow: 1, constrained, maxSteps: 1 })
        const { confidence, input, approval, toolCallId } = await askedAbout(turn, 'Turn on the light in the kitchen')
        turn.claim(approval.because.join() === 'low-confidence', 'asked for want of confidence')
        turn.claim(Object.keys(confidence?.arguments ?? {}).join() === Object.keys(input as object).join(), 'a figure for each argument')
        const figures = [confidence?.name ?? 0, ...Object.values(confidence?.arguments ?? {})]
        turn.claim(figures.every((figure) => figure > 0 && figure <= 1), 'probabilities', figures)
        measured.push(figures)
        turn.app.chat.addToolApproval({ toolCallId, approved: true })
        await turn.answered()
        turn.sameStates('output-available')
      }
      if (!turn.hasSense) return
      // What a grammar forbids takes nothing from a figure: both ways measure the model alone.
      const [held, free] = measured
      turn.claim(held!.every((figure, i) => figure > 0.9 && Math.abs(figure - free![i]!) < 0.05), 'sure, with a grammar as without', measured)
    },
  },
]

/** Every way. The first one of the stops needs a model that is not loaded yet, so they come first. */
export const cases: Case[] = [...stops, ...plain, ...decided]

/** Says something and resolves with the call that the user is asked about. */
async function askedAbout(turn: Turn, text: string): Promise<Extract<ToolPart, { state: 'approval-requested' }>> {
  const before = turn.house.runs.length
  await turn.begin(text)
  await turn.app.until(() => turn.app.chat.status === 'awaiting-approval' || !turn.app.chat.isBusy, 'a question')
  const call = turn.app.calls.find(({ state }) => state === 'approval-requested')
  turn.claim(call !== undefined && turn.house.runs.length === before, 'a call that waits for the user')
  return call as Extract<ToolPart, { state: 'approval-requested' }>
}
