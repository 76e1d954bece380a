export const rooms = ['living_room', 'kitchen', 'bedroom'] as const
export type Room = (typeof rooms)[number]

export const genres = ['jazz', 'rock', 'classical', 'pop', 'ambient'] as const
export type Genre = (typeof genres)[number]

export const scenes = ['movie', 'dinner', 'morning', 'good_night'] as const
export type Scene = (typeof scenes)[number]

export interface RoomState {
  /** Brightness of the light, 0 (off) to 100. */
  light: number
  /** How far the blinds are open, 0 to 100. */
  blinds: number
}

export interface Home {
  rooms: Record<Room, RoomState>
  /** Degrees Celsius that the thermostat is set to. */
  temperature: number
  music: Genre | undefined
}

export const initialHome: Home = {
  rooms: {
    living_room: { light: 70, blinds: 100 },
    kitchen: { light: 0, blinds: 100 },
    bedroom: { light: 0, blinds: 40 },
  },
  temperature: 20,
  music: undefined,
}

/** `home` with a change to one room, or to all of them. */
export function withRooms(home: Home, which: Room | 'all', change: Partial<RoomState>): Home {
  const changed = { ...home.rooms }
  for (const room of rooms) if (which === 'all' || which === room) changed[room] = { ...changed[room], ...change }
  return { ...home, rooms: changed }
}

/** `home` as a scene leaves it. */
export function withScene(home: Home, scene: Scene): Home {
  switch (scene) {
    case 'movie':
      return withRooms(withRooms(home, 'all', { light: 0 }), 'living_room', { light: 15, blinds: 0 })
    case 'dinner':
      return { ...withRooms(withRooms(home, 'living_room', { light: 40 }), 'kitchen', { light: 80 }), music: 'jazz' }
    case 'morning':
      return { ...withRooms(home, 'all', { light: 60, blinds: 100 }), temperature: 21, music: undefined }
    case 'good_night':
      return { ...withRooms(home, 'all', { light: 0, blinds: 0 }), temperature: 18, music: undefined }
  }
}

export const roomName = (room: Room): string => room.replace('_', ' ')

/** The whole home in one sentence a room, for people who cannot see the picture. */
export function describeHome(home: Home): string {
  const sentences = rooms.map((room) => {
    const { light, blinds } = home.rooms[room]
    return `${roomName(room)}: light ${light === 0 ? 'off' : `at ${light} percent`}, blinds ${blinds} percent open`
  })
  return `${sentences.join('; ')}; ${home.temperature} degrees; ${home.music ? `${home.music} is playing` : 'no music'}`
}
