import { useState } from 'react'
import { useTool } from 'react-edge-llm'
import { z } from 'zod'

const colors = ['red', 'green', 'blue'] as const
const setColorInput = z.object({ color: z.enum(colors) })
const getColorInput = z.object({})

/** The square's colour, and the two functions through which the model reads and changes it. */
export function useSquare() {
  const [color, setColor] = useState<(typeof colors)[number]>('red')

  useTool({
    name: 'set_square_color',
    description: 'Change the color of the square',
    inputSchema: setColorInput,
    execute: ({ color: next }) => {
      setColor(next)
      return { color: next }
    },
  })

  useTool({
    name: 'get_square_color',
    description: 'Get the current color of the square',
    inputSchema: getColorInput,
    annotations: { readOnly: true },
    execute: () => ({ color }),
  })

  return color
}
