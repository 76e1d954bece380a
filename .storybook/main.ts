import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StorybookConfig } from '@storybook/react-vite'
import { mergeConfig } from 'vite'
import { faultsPlugin } from './faultsPlugin.js'

const root = path.resolve(import.meta.dirname, '..')
const fromRoot = (file: string) => path.join(root, file)

// Storybook refuses to start on a static folder that is missing; a missing model gets its own error in the stories.
mkdirSync(fromRoot('models'), { recursive: true })

const config: StorybookConfig = {
  framework: '@storybook/react-vite',
  stories: ['../stories/**/*.mdx', '../stories/**/*.stories.tsx'],
  addons: ['@storybook/addon-docs', '@storybook/addon-a11y', '@storybook/addon-vitest'],
  staticDirs: [{ from: '../models', to: '/models' }],
  core: {
    // WebAssembly gets threads only on isolated pages.
    crossOriginIsolated: true,
    disableTelemetry: true,
    disableWhatsNewNotifications: true,
  },
  typescript: { reactDocgen: 'react-docgen-typescript' },
  viteFinal: (vite) =>
    mergeConfig(vite, {
      plugins: [faultsPlugin()],
      resolve: {
        // The built package, as an app gets it; only the components come from their sources, for docs and fast reloads.
        alias: [
          { find: 'react-edge-llm/components/styles.css', replacement: fromRoot('src/components/styles.css') },
          { find: 'react-edge-llm/components', replacement: fromRoot('src/components/index.ts') },
          { find: /^react-edge-llm$/, replacement: fromRoot('dist/index.js') },
        ],
      },
      build: { chunkSizeWarningLimit: 2000 },
    }),
}

export default config
