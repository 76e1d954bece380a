// How fast a loaded model is, measured in passing.
export { chooseThreads, type Threaded, type ThreadTime } from './chooseThreads.js'
export { measurePass } from './measurePass.js'
export { ProbeClock } from './ProbeClock.js'
export type { ProbeFigures } from './types.js'
