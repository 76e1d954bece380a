import { existsSync } from 'node:fs'
import path from 'node:path'
import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumFlags, findChromium } from './scripts/lib/chromium.mjs'
import { isLong } from './test/helpers/isLong.js'
import { nodeCalls } from './test/helpers/nodeCalls.js'
import { replaceResponses } from './test/helpers/replaceResponses.js'
import { modelsPlugin } from './test/helpers/server/modelsPlugin.js'

const root = import.meta.dirname

/** Cross-origin isolation, so that WASM gets threads. */
const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const chromium = playwright({ launchOptions: { executablePath: findChromium(), args: chromiumFlags } })

const browser = {
  enabled: true,
  headless: true,
  provider: chromium,
  instances: [{ browser: 'chromium' as const }],
  screenshotFailures: false,
}

const minute = 60_000

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['src/**/*.test.ts', 'test/unit/**/*.test.ts', 'test/hub/**/*.test.ts'],
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'dom',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['test/helpers/dom.ts'],
        },
      },
      {
        // Real models in Node, two files at a time.
        test: {
          name: 'integration',
          environment: 'node',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
          maxWorkers: 2,
        },
      },
      {
        plugins: [react(), modelsPlugin(path.join(root, 'models'))],
        server: { headers: isolationHeaders },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts', 'test/browser/**/*.test.tsx'],
          provide: { isLong },
          testTimeout: 3 * minute,
          hookTimeout: 3 * minute,
          fileParallelism: false,
          browser: { ...browser, commands: { nodeCalls, replaceResponses } },
        },
      },
      ...(existsSync(path.join(root, '.storybook/main.ts'))
        ? [
            {
              plugins: [storybookTest({ configDir: path.join(root, '.storybook') }), modelsPlugin(path.join(root, 'models'))],
              server: { headers: isolationHeaders },
              test: {
                name: 'storybook',
                testTimeout: 3 * minute,
                hookTimeout: 3 * minute,
                fileParallelism: false,
                browser,
              },
            },
          ]
        : []),
      {
        // Whole browsers around the built example, driven from Node.
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 8 * minute,
          hookTimeout: 3 * minute,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
})
