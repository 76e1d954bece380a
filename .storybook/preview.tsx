import type { Decorator, Preview } from '@storybook/react-vite'
import 'react-edge-llm/components/styles.css'
import './preview.css'

const withTheme: Decorator = (Story, { globals }) => {
  const theme: unknown = globals['theme']
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme
  else delete document.documentElement.dataset['theme']
  return <Story />
}

const preview: Preview = {
  tags: ['autodocs'],
  decorators: [withTheme],
  globalTypes: {
    theme: {
      description: 'Colour scheme',
      toolbar: {
        icon: 'contrast',
        dynamicTitle: true,
        items: [
          { value: 'system', title: 'System theme' },
          { value: 'light', title: 'Light' },
          { value: 'dark', title: 'Dark' },
        ],
      },
    },
  },
  initialGlobals: { theme: 'system' },
  parameters: {
    layout: 'padded',
    a11y: { test: 'error' },
    controls: { expanded: true, sort: 'requiredFirst' },
    docs: { toc: true },
    options: {
      storySort: { order: ['Welcome', 'Demos', ['Getting started', 'Square colour', 'Smart home'], 'Components'] },
    },
  },
}

export default preview
