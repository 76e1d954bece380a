import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as faults from './FaultHub.js'
import { FaultHub, graphPath } from './FaultHub.js'
import type { DownloadClient } from './DownloadClient.js'
import type { DownloadReport } from './runDownload.js'

const piece = 32 * 1024

/** Which of the faults are tried. */
export interface DownloadSuite {
  /** Resume, verify, store, delete, quota and abort only. */
  onlyCore?: boolean
  /** At how many random offsets the connection is cut. */
  cuts: number
}

/** What every storage in every browser has to do with downloads that go wrong. */
export function describeDownloads(name: string, { onlyCore = false, cuts }: DownloadSuite, open: () => Promise<DownloadClient> | DownloadClient): void {
  describe(`downloads in ${name}`, () => {
    let client: DownloadClient
    let hub: FaultHub

    beforeAll(async () => {
      client = await open()
      hub = await FaultHub.start()
    })

    afterAll(() => hub?.close())

    beforeEach(async () => {
      hub.fault = undefined
      await client.clear()
      hub.takeStarts()
    })

    // Whatever happened: what a reader gets of the graph is the file itself, or nothing.
    afterEach(async () => {
      const { sha256, model } = await client.stored()
      expect([undefined, hub.sha256]).toContain(sha256[graphPath])
      if (model?.state === 'complete') expect(sha256[graphPath]).toBe(hub.sha256)
    })

    async function loadWell(request: Partial<Parameters<DownloadClient['load']>[0]> = {}): Promise<DownloadReport> {
      const report = await client.load({ hubURL: hub.url, ...request })
      expect(report).toMatchObject({ sha256: hub.sha256, warnings: [], progress: { isMonotone: true, last: 1 } })
      return report
    }

    async function isWhole(): Promise<void> {
      const { model, sha256 } = await client.stored()
      expect(sha256[graphPath]).toBe(hub.sha256)
      expect(model).toMatchObject({ state: 'complete' })
      expect(model?.files.find(({ path }) => path === graphPath)).toEqual({ path: graphPath, size: hub.size, total: hub.size, isVerified: true })
    }

    describe('core', () => {
      it(`go on in the next visit where one of ${cuts} random cuts ended the last one`, async () => {
        for (let round = 0; round < cuts; round++) {
          const offset = 1 + Math.floor(Math.random() * (hub.size - 1))
          const context = `cut at ${offset}`
          // Every attempt ends at the same place: this visit gets no further.
          hub.fault = faults.cutAt(offset)
          const broken = await client.load({ hubURL: hub.url, download: { retries: 1 } })
          expect(broken.error, context).toMatchObject({ code: 'network', recoverable: true })
          expect(broken.progress.isMonotone, context).toBe(true)
          expect((await client.stored()).sha256[graphPath], context).toBeUndefined()
          hub.fault = undefined
          hub.takeStarts()
          const kept = Math.floor(broken.received / piece) * piece
          const { received, progress } = await loadWell()
          expect(hub.takeStarts(), context).toEqual([kept])
          expect(broken.received + received - hub.size, context).toBeLessThan(piece)
          expect(progress.firstLoaded, context).toBeGreaterThanOrEqual(kept)
          await isWhole()
          await client.clear()
        }
      }, 120_000)

      it('go on at once after a cut, and fetch nothing twice', async () => {
        hub.fault = faults.first(3, (request, response, asked) => faults.cutAt(asked.start + 50_001)(request, response, asked))
        expect((await loadWell()).received).toBe(hub.size)
        const starts = hub.takeStarts()
        expect(starts).toHaveLength(4)
        expect(starts).toEqual([...starts].sort((a, b) => a - b))
        await isWhole()
      })

      it('are fetched once more where a byte was damaged, and refused where it stays so', async () => {
        hub.fault = faults.first(1, faults.flip(200_000))
        await loadWell()
        expect(hub.takeStarts()).toEqual([0, 0])
        await isWhole()
        await client.clear()
        hub.fault = faults.flip(200_000)
        const { error } = await client.load({ hubURL: hub.url })
        expect(error).toMatchObject({ code: 'model-corrupt', subject: graphPath })
        expect((await client.stored()).model?.files.some(({ path }) => path === graphPath)).toBe(false)
      })

      it('that go on after a damaged beginning are fetched anew', async () => {
        hub.fault = (request, response, asked) =>
          asked.start === 0 ? faults.cutAt(150_000)(request, response, { ...asked, file: asked.file.map((byte, i) => (i === 9999 ? byte ^ 1 : byte)) }) : false
        const { error } = await client.load({ hubURL: hub.url, download: { retries: 0 } })
        expect(error?.code).toBe('network')
        hub.fault = undefined
        await loadWell()
        await isWhole()
      })

      it('that are stored need no request, and are gone when they are deleted', async () => {
        await loadWell()
        hub.takeStarts()
        expect((await loadWell()).received).toBe(0)
        expect(hub.requestCount).toBe(0)
        await isWhole()
        await client.clear('org/model')
        expect((await client.stored()).model ?? undefined).toBeUndefined()
      })

      it('that find no room end in memory, with a warning', async () => {
        // Records, small files and four pieces fit; then nothing does.
        const report = await client.load({ hubURL: hub.url, roomFor: 9 })
        expect(report).toMatchObject({ sha256: hub.sha256, progress: { last: 1 } })
        expect(report.warnings).toContain('quota-exceeded')
        expect((await client.stored()).model?.state).not.toBe('complete')
        expect((await loadWell()).received).toBeLessThanOrEqual(hub.size)
        await isWhole()
      })

      // What a kill between the last piece and the record leaves.
      it('that are there to the last byte and are no file yet need no byte of the server', async () => {
        // Five small files and records, and all pieces; not the record that makes them a file.
        await client.load({ hubURL: hub.url, roomFor: 5 + Math.ceil(hub.size / piece) })
        const { model, sha256 } = await client.stored()
        expect(model?.files.find(({ path }) => path === graphPath)).toMatchObject({ size: hub.size, total: hub.size, isVerified: false })
        expect(sha256[graphPath]).toBeUndefined()
        hub.takeStarts()
        expect((await loadWell()).received).toBe(0)
        expect(hub.takeStarts()).toEqual([])
        await isWhole()
      })

      it('stop at once when they are aborted, and go on later', async () => {
        // The rest never comes: whatever the machine's speed, the abort finds an open connection.
        const kept = 4 * piece
        hub.fault = faults.stallAt(kept + 20_000)
        const aborted = await client.load({ hubURL: hub.url, abortAfterPieces: 4, download: { stallMs: 60_000 } })
        expect(aborted.error).toMatchObject({ code: 'load-aborted', recoverable: true })
        expect((await client.stored()).model).toMatchObject({ state: 'partial', size: expect.any(Number) as number })
        hub.fault = undefined
        hub.takeStarts()
        expect((await loadWell()).received).toBe(hub.size - kept)
        expect(hub.takeStarts()).toEqual([kept])
        await isWhole()
      })
    })

    describe.skipIf(onlyCore)('and each fault', () => {
      it.each<[string, () => faults.Fault]>([
        ['ranges that are answered 200', () => faults.inTurn(faults.cutAt(100_000), faults.withoutRanges)],
        ['ranges that are refused (416)', () => faults.inTurn(faults.cutAt(100_000), faults.rangeRefused)],
        ['no Content-Length', () => faults.first(1, faults.withoutLength)],
        ['a packed body', () => faults.gzipped],
        ['a packed body that is cut', () => faults.first(1, faults.gzippedAndCut)],
        ['a slow drip', () => faults.drip(30_000, 20)],
        ['connections that are reset', () => faults.first(3, faults.reset)],
        ['a burst of 503', () => faults.first(3, faults.status(503))],
        ['500, 502, 504, 429 with Retry-After', () => faults.inTurn(...[500, 502, 504, 429].map((code) => faults.status(code, { 'retry-after': '0' })), undefined)],
              ])('%s', async (_what, makeFault) => {
        hub.fault = makeFault()
        await loadWell()
        await isWhole()
      })

      it('packed ranges are not joined with what is there', async () => {
        hub.fault = faults.inTurn(faults.cutAt(100_000), faults.gzipped, undefined)
        await loadWell()
        await isWhole()
      })

      it('a packed body of a server that lists nothing is no shorter for it', async () => {
        const silent = await FaultHub.start({ listing: false })
        try {
          silent.fault = faults.gzipped
          expect(await client.load({ hubURL: silent.url })).toMatchObject({ sha256: silent.sha256, warnings: [] })
          expect((await client.stored()).sha256[graphPath]).toBe(silent.sha256)
        } finally {
          await silent.close()
          await client.clear()
        }
      })

      it('a file that is there to the last byte costs one byte where no listing tells that it is the same', async () => {
        const silent = await FaultHub.start({ listing: false })
        try {
          await client.load({ hubURL: silent.url, roomFor: 5 + Math.ceil(silent.size / piece) })
          silent.takeStarts()
          expect(await client.load({ hubURL: silent.url })).toMatchObject({ sha256: silent.sha256, received: 1, warnings: [] })
          expect(silent.takeStarts()).toEqual([silent.size - 1])
          expect((await client.stored()).sha256[graphPath]).toBe(silent.sha256)
        } finally {
          await silent.close()
          await client.clear()
        }
      })

      it('a stall costs its own time and no byte', async () => {
        hub.fault = faults.first(1, faults.stallAt(120_000))
        expect((await loadWell({ download: { stallMs: 500 } })).received).toBe(hub.size)
        expect(hub.takeStarts()[0]).toBe(0)
      })

      it('a server that stays ill ends in an error that says so', async () => {
        hub.fault = faults.status(503)
        const { error } = await client.load({ hubURL: hub.url })
        expect(error).toMatchObject({ code: 'network', subject: graphPath, recoverable: true })
      })

      it('a pinned hash wins', async () => {
        const pinned = await client.load({ hubURL: hub.url, sha256: { [graphPath]: '0'.repeat(64) } })
        expect(pinned.error).toMatchObject({ code: 'model-corrupt', subject: graphPath })
        await loadWell({ sha256: { [graphPath]: hub.sha256.toUpperCase() } })
      })
    })

    describe.skipIf(onlyCore)('of a file that changes', () => {
      it.each([true, false])('between two visits begin anew (listing: %s)', async (listing) => {
        const changing = await FaultHub.start({ listing })
        try {
          changing.fault = faults.cutAt(200_000)
          await client.load({ hubURL: changing.url, download: { retries: 0 } })
          changing.fault = undefined
          await changing.replaceGraph()
          const report = await client.load({ hubURL: changing.url })
          expect(report).toMatchObject({ sha256: changing.sha256, received: changing.size })
          expect((await client.stored()).sha256[graphPath]).toBe(changing.sha256)
        } finally {
          await changing.close()
          await client.clear()
        }
      })

      it('in the middle of a visit are never mixed', async () => {
        const changing = await FaultHub.start({ listing: false })
        try {
          changing.fault = faults.first(1, (...seen) => {
            void changing.replaceGraph().then(() => faults.cutAt(200_000)(...seen))
            return true
          })
          const report = await client.load({ hubURL: changing.url })
          expect(report).toMatchObject({ sha256: changing.sha256 })
          expect((await client.stored()).sha256[graphPath]).toBe(changing.sha256)
        } finally {
          await changing.close()
          await client.clear()
        }
      })

      it('that the listing knew otherwise are refused, and load the next time', async () => {
        const changing = await FaultHub.start()
        try {
          changing.fault = faults.first(1, (...seen) => {
            void changing.replaceGraph().then(() => faults.cutAt(200_000)(...seen))
            return true
          })
          const report = await client.load({ hubURL: changing.url })
          expect(report.error).toMatchObject({ code: 'model-corrupt', subject: graphPath })
          expect((await client.stored()).sha256[graphPath]).toBeUndefined()
          expect(await client.load({ hubURL: changing.url })).toMatchObject({ sha256: changing.sha256 })
        } finally {
          await changing.close()
          await client.clear()
        }
      })
    })
  })
}
