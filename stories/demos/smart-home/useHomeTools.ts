import { tool } from 'react-edge-llm'
import { useMemo, useRef, useState } from 'react'
import { z } from 'zod'
import { genres, initialHome, rooms, scenes, withRooms, withScene, type Home } from './home.js'

const anyRoom = z.enum([...rooms, 'all'])

/** The home and the six functions that a model can call on it. */
export function useHomeTools() {
  const [home, setHome] = useState<Home>(initialHome)
  const current = useRef(home)

  const tools = useMemo(() => {
    const change = (next: Home) => {
      current.current = next
      setHome(next)
    }
    return [
      tool({
        name: 'set_lights',
        description: 'Set the brightness of the lights in a room. 0 turns them off.',
        inputSchema: z.object({ room: anyRoom, brightness: z.int().min(0).max(100) }),
        execute: ({ room, brightness }) => {
          change(withRooms(current.current, room, { light: brightness }))
          return { room, brightness }
        },
      }),
      tool({
        name: 'set_blinds',
        description: 'Open or close the blinds of a room. 0 is closed, 100 is open.',
        inputSchema: z.object({ room: anyRoom, position: z.int().min(0).max(100) }),
        execute: ({ room, position }) => {
          change(withRooms(current.current, room, { blinds: position }))
          return { room, position }
        },
      }),
      tool({
        name: 'set_temperature',
        description: 'Set the thermostat, in degrees Celsius',
        inputSchema: z.object({ temperature: z.int().min(15).max(28) }),
        execute: ({ temperature }) => {
          change({ ...current.current, temperature })
          return { temperature }
        },
      }),
      tool({
        name: 'play_music',
        description: 'Play music of a genre, or stop the music',
        inputSchema: z.object({ genre: z.enum([...genres, 'stop']) }),
        execute: ({ genre }) => {
          change({ ...current.current, music: genre === 'stop' ? undefined : genre })
          return { playing: genre !== 'stop', genre }
        },
      }),
      tool({
        name: 'start_scene',
        description: 'Set lights, blinds, temperature and music for an occasion',
        inputSchema: z.object({ scene: z.enum(scenes) }),
        execute: ({ scene }) => {
          change(withScene(current.current, scene))
          return { scene }
        },
      }),
      tool({
        name: 'get_home',
        description: 'Get what is on now: lights, blinds, temperature and music',
        inputSchema: z.object({}),
        execute: () => current.current,
      }),
    ]
  }, [])

  return { home, tools }
}
