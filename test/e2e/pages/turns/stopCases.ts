import type { Case } from './cases.js'

const light = { about: ['set_light'], maxSteps: 1 }
const long = `${'The river runs past the old mill, and the children play in the meadow. '.repeat(24)}Turn on the light in the hall`

/** A stop in each phase of a turn. */
export const stops: Case[] = [
  {
    name: 'stop while the model loads',
    async run(turn) {
      await turn.open(light)
      await turn.app.model.unload()
      await turn.begin('Turn on the light in the kitchen')
      const loading = (): boolean => ['downloading', 'loading'].includes(turn.app.model.status)
      await turn.app.until(loading, 'the load')
      turn.app.chat.stop()
      // Nobody else waits for the model.
      await turn.app.until(() => turn.app.model.status === 'idle', 'the load to be given up', 500)
      turn.claim(turn.app.chat.messages.length === 1, 'the question stays alone', turn.app.chat.messages)
      await turn.goesOn()
    },
  },
  {
    name: 'stop while the prompt is read',
    async run(turn) {
      await turn.open(light)
      await turn.app.model.load()
      await turn.begin(long)
      await new Promise((resolve) => setTimeout(resolve, 100))
      turn.claim(turn.app.chat.status === 'submitted', 'no token has come', turn.app.chat.status)
      turn.app.chat.stop()
      turn.claim(turn.app.chat.messages.length === 1, 'the question stays alone', turn.app.chat.messages)
      turn.app.chat.setMessages([])
      await turn.goesOn()
    },
  },
  {
    name: 'stop while a call is written',
    async run(turn) {
      await turn.open({ ...light, about: ['call_number'] })
      await turn.begin('Turn off the light in the kitchen, the bedroom and the hall')
      await turn.app.until(() => turn.app.calls.length > 0 || !turn.app.chat.isBusy, 'the beginning of a call')
      turn.claim(turn.app.chat.isBusy, 'the answer is under way')
      turn.app.chat.stop()
      turn.claim(turn.house.runs.length === 0, 'nothing ran', turn.house.runs)
      turn.claim(turn.app.calls.every((call) => call.state === 'output-error' && call.errorText === 'stopped'), 'calls are closed')
      await turn.goesOn()
    },
  },
  {
    name: 'stop while a handler runs',
    async run(turn) {
      let signal: AbortSignal | undefined
      turn.house.handlers.get_temperature = (_input, context) => {
        signal = context.signal
        return new Promise(() => undefined)
      }
      await turn.open({ about: ['get_temperature'], maxSteps: 1 })
      await turn.begin('How warm is it in the bedroom?')
      await turn.app.until(() => signal !== undefined || !turn.app.chat.isBusy, 'the handler')
      turn.app.chat.stop()
      turn.claim(signal?.aborted === true, 'the handler is told')
      const [call] = turn.app.calls
      turn.claim(call?.state === 'output-error' && call.errorText === 'stopped', 'the call is closed')
      // Nothing was under way in the engine: one model is enough to show that the history is good.
      if (turn.hasSense) await turn.goesOn()
    },
  },
  {
    name: 'stop while the user is asked',
    async run(turn) {
      await turn.open({ about: ['set_alarm'], tools: { set_alarm: { needsApproval: true } }, maxSteps: 1 })
      await turn.begin('Set an alarm for 7:30')
      await turn.app.until(() => turn.app.chat.status === 'awaiting-approval' || !turn.app.chat.isBusy, 'the question')
      turn.app.chat.stop()
      const [call] = turn.app.calls
      turn.claim(call?.state === 'output-denied' && call.approval.reason === 'stopped', 'the question is answered with no')
      turn.claim(turn.house.runs.length === 0, 'nothing ran', turn.house.runs)
      // Nothing was under way in the engine: one model is enough to show that the history is good.
      if (turn.hasSense) await turn.goesOn()
    },
  },
]
