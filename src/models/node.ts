// What models need in Node beside index.ts. Imported by Node entries only: browser bundles must not see it.
export { nodeFetch } from './nodeFetch.js'
export { NodeStorage } from './storage/NodeStorage.js'
