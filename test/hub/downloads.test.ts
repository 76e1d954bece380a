import { afterAll } from 'vitest'
import { describeDownloads } from '../helpers/downloads/describeDownloads.js'
import { nodeClient } from '../helpers/downloads/nodeClient.js'
import { TemporaryFolder } from './tinyModel.js'

const folder = await TemporaryFolder.create()

afterAll(() => folder.remove())

describeDownloads('Node', { cuts: 20 }, () => nodeClient(`${folder.path}/storage`))
