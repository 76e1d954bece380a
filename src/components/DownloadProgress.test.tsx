import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { LoadProgress } from '../models/types.js'
import { DownloadProgress } from './DownloadProgress.js'

const progress: LoadProgress = {
  phase: 'downloading',
  loaded: 58_412_000,
  total: 137_900_000,
  fraction: 58_412_000 / 137_900_000,
  bytesPerSecond: 6_320_000,
  etaSeconds: 12.6,
  file: 'onnx/model_q4.onnx',
}

const bar = () => screen.getByRole('progressbar')

it('gives size, speed and time left, to eyes and screen readers', () => {
  render(<DownloadProgress progress={progress} />)
  expect(bar()).toHaveAccessibleName('Downloading')
  expect(bar()).toHaveAttribute('aria-valuenow', '42')
  expect(bar()).toHaveAttribute('aria-valuetext', '58.4 of 138 MB, 6.3 MB/s, 13 s left')
  expect(screen.getByText('58.4 of 138 MB · 6.3 MB/s · 13 s left')).toBeVisible()
  expect(screen.getByText('42 %')).toBeVisible()
})

it('says 99 percent, not 100, while a byte is missing', () => {
  render(<DownloadProgress progress={{ ...progress, loaded: 137_899_999, fraction: 0.9999 }} />)
  expect(bar()).toHaveAttribute('aria-valuenow', '99')
})

it('invents no percentage where no size is known', () => {
  render(<DownloadProgress progress={{ ...progress, total: 0, fraction: 0, etaSeconds: undefined }} />)
  expect(bar()).not.toHaveAttribute('aria-valuenow')
  expect(screen.getByText('58.4 MB · 6.3 MB/s')).toBeVisible()
  expect(screen.queryByText(/%/)).toBeNull()
})

it('shows no number for phases that cannot be measured', () => {
  render(<DownloadProgress progress={{ ...progress, phase: 'loading', loaded: 137_900_000, fraction: 1 }} />)
  expect(bar()).toHaveAccessibleName('Loading into memory')
  expect(bar()).not.toHaveAttribute('aria-valuenow')
  expect(screen.getByText('onnx/model_q4.onnx')).toBeVisible()
})

it('leaves out an endless estimate', () => {
  render(<DownloadProgress progress={{ ...progress, bytesPerSecond: 0, etaSeconds: Infinity }} />)
  expect(bar()).toHaveAttribute('aria-valuetext', '58.4 of 138 MB')
})
