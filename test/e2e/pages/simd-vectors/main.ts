import { checkVectors } from '../../../helpers/simd/checkVectors.js'

declare global {
  interface Window {
    checkVectors: typeof checkVectors
  }
}

Object.assign(window, { checkVectors })
