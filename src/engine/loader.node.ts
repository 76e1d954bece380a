// The Node counterpart of loader.ts.
export { nodeHost as host } from './nodeHost.js'
export { loadModel, prefetchModel } from './loadModel.js'
export { Retreats } from './Retreats.js'
