// Everything an engine needs once a model is wanted. Imported lazily, so that pages stay light until then.
export { browserHost as host } from './browserHost.js'
export { loadModel, prefetchModel } from './loadModel.js'
export { Retreats } from './Retreats.js'
