import { useTool } from 'react-edge-llm'
import { useState } from 'react'
import { z } from 'zod'
import { genres, initialHome, rooms, scenes, withRooms, withScene, type Home } from './home.js'

const anyRoom = z.enum([...rooms, 'all'])
const percent = z.int().min(0).max(100)

const inputs = {
  lights: z.object({ room: anyRoom, brightness: percent }),
  blinds: z.object({ room: anyRoom, position: percent }),
  temperature: z.object({ temperature: z.int().min(15).max(28) }),
  music: z.object({ genre: z.enum([...genres, 'stop']) }),
  scene: z.object({ scene: z.enum(scenes) }),
  nothing: z.object({}),
}

/** The home, and the six functions that a model can call on it. */
export function useHome(): Home {
  const [home, setHome] = useState<Home>(initialHome)

  useTool({
    name: 'set_lights',
    description: 'Set the brightness of the lights in a room. 0 turns them off.',
    inputSchema: inputs.lights,
    execute: ({ room, brightness }) => {
      setHome((now) => withRooms(now, room, { light: brightness }))
      return { room, brightness }
    },
  })
  useTool({
    name: 'set_blinds',
    description: 'Open or close the blinds of a room. 0 is closed, 100 is open.',
    inputSchema: inputs.blinds,
    execute: ({ room, position }) => {
      setHome((now) => withRooms(now, room, { blinds: position }))
      return { room, position }
    },
  })
  useTool({
    name: 'set_temperature',
    description: 'Set the thermostat, in degrees Celsius',
    inputSchema: inputs.temperature,
    // Heat costs money: ask first.
    needsApproval: ({ temperature: wanted }) => wanted > 24,
    execute: ({ temperature }) => {
      setHome((now) => ({ ...now, temperature }))
      return { temperature }
    },
  })
  useTool({
    name: 'play_music',
    description: 'Play music of a genre, or stop the music',
    inputSchema: inputs.music,
    execute: ({ genre }) => {
      const music = genre === 'stop' ? undefined : genre
      setHome((now) => ({ ...now, music }))
      return { playing: music ?? 'nothing' }
    },
  })
  useTool({
    name: 'start_scene',
    description: 'Set lights, blinds, temperature and music for an occasion',
    inputSchema: inputs.scene,
    execute: ({ scene }) => {
      setHome((now) => withScene(now, scene))
      return { scene }
    },
  })
  useTool({
    name: 'get_home',
    description: 'Get what is on now: lights, blinds, temperature and music',
    inputSchema: inputs.nothing,
    annotations: { readOnly: true },
    execute: () => home,
  })

  return home
}
