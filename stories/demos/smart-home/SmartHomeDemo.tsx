import { LLMProvider, useFunctionCalling } from 'react-edge-llm'
import { toConfig, type ModelArgs } from '../../model.js'
import { DemoChat } from '../DemoChat.js'
import { DemoLayout } from '../DemoLayout.js'
import { roomName, rooms, type Home } from './home.js'
import { HomePicture } from './HomePicture.js'
import { useHome } from './useHome.js'
import { toolCallBias } from './toolCallBias.js'

export const toolNames = [
  'set_lights',
  'set_blinds',
  'set_temperature',
  'play_music',
  'start_scene',
  'get_home',
] as const

export interface SmartHomeArgs extends ModelArgs {
  /** Which function the model may, must or must not call. */
  toolChoice: 'auto' | 'required' | 'none' | (typeof toolNames)[number]
  /** Most tokens of one answer or call. */
  maxTokens: number
  /** Most generations per message. */
  maxSteps: number
}

export function SmartHomeDemo({ toolChoice, maxTokens, maxSteps, ...model }: SmartHomeArgs) {
  return (
    <LLMProvider config={toConfig(model)}>
      <SmartHome toolChoice={toolChoice} maxTokens={maxTokens} maxSteps={maxSteps} />
    </LLMProvider>
  )
}

function SmartHome({ toolChoice, maxTokens, maxSteps }: Pick<SmartHomeArgs, 'toolChoice' | 'maxTokens' | 'maxSteps'>) {
  const home = useHome()
  const name = toolNames.find((candidate) => candidate === toolChoice)
  const chat = useFunctionCalling({
    maxTokens,
    maxSteps,
    toolCallBias,
    toolChoice: name ? { name } : (toolChoice as 'auto' | 'required' | 'none'),
  })
  return (
    <DemoLayout
      stage={
        <>
          <HomePicture home={home} />
          <HomeState home={home} />
        </>
      }
    >
      <DemoChat
        chat={chat}
        suggestions={['Dim the living room to 30', 'Close the bedroom blinds', 'Play some jazz', 'Movie time!', 'Is the kitchen light on?']}
      />
    </DemoLayout>
  )
}

function HomeState({ home }: { home: Home }) {
  return (
    <ul className="home-state" aria-label="State of the home">
      {rooms.map((room) => (
        <li key={room}>
          {roomName(room)} {home.rooms[room].light === 0 ? 'off' : `${home.rooms[room].light} %`}
        </li>
      ))}
      <li>{home.temperature} °C</li>
      <li>{home.music ?? 'no music'}</li>
    </ul>
  )
}
