import { LLMProvider, useFunctionCalling, useTool, type ToolChoice } from 'react-edge-llm'
import { useState } from 'react'
import { z } from 'zod'
import { toConfig, type ModelArgs } from '../../model.js'
import { DemoChat } from '../DemoChat.js'
import { DemoLayout } from '../DemoLayout.js'
import './square.css'

const colors = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const
export type Color = (typeof colors)[number]

export interface SquareColorArgs extends ModelArgs {
  /** The colour at the start. */
  color: Color
  /** Which function the model may, must or must not call. */
  toolChoice: 'auto' | 'required' | 'none' | 'set_square_color' | 'get_square_color'
  /** Most tokens of one answer or call. */
  maxTokens: number
  /** Most generations per message. */
  maxSteps: number
}

export function SquareColorDemo({ color, toolChoice, maxTokens, maxSteps, ...model }: SquareColorArgs) {
  return (
    <LLMProvider config={toConfig(model)}>
      <Square initialColor={color} toolChoice={toToolChoice(toolChoice)} maxTokens={maxTokens} maxSteps={maxSteps} />
    </LLMProvider>
  )
}

interface SquareProps {
  initialColor: Color
  toolChoice: ToolChoice
  maxTokens: number
  maxSteps: number
}

const setColorInput = z.object({ color: z.enum(colors) })
const getColorInput = z.object({})

function Square({ initialColor, ...options }: SquareProps) {
  const [color, setColor] = useState<Color>(initialColor)
  useTool({
    name: 'set_square_color',
    description: 'Change the colour of the square',
    inputSchema: setColorInput,
    execute: ({ color: next }) => {
      setColor(next)
      return { color: next }
    },
  })
  useTool({
    name: 'get_square_color',
    description: 'Get the colour that the square has now',
    inputSchema: getColorInput,
    annotations: { readOnly: true },
    execute: () => ({ color }),
  })
  const chat = useFunctionCalling(options)

  return (
    <DemoLayout
      stage={
        <>
          <div className="square" role="img" aria-label={`${color} square`} data-color={color} />
          <p className="demo-note">The square is {color}.</p>
        </>
      }
    >
      <DemoChat
        chat={chat}
        suggestions={['Change the color to blue', 'What color is the square?', 'Make it red']}
      />
    </DemoLayout>
  )
}

function toToolChoice(choice: SquareColorArgs['toolChoice']): ToolChoice {
  return choice === 'set_square_color' || choice === 'get_square_color' ? { name: choice } : choice
}
