// The app without a network. Becomes sw.js of the build, with `const build = …` in front (vitePlugin.ts).
//
// Two caches. The app's has the build's version in its name: all its files are of one build. The model's has the
// model's: it stays when only the app changes. Answers keep the server's headers, among them those that isolate the page.

const prefix = 'square-color'
const appCacheName = `${prefix}-app-${build.version}`
const modelCacheName = `${prefix}-model-${build.model.version}`
const appFiles = new Map(build.files.map((file) => [new URL(file.url, self.registration.scope).pathname, file]))
const modelRoot = new URL(build.model.root, self.registration.scope).pathname

/** Finds a file whatever the request was: by its path alone. */
const anyRequest = { ignoreVary: true, ignoreSearch: true }

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('message', (event) => event.waitUntil(answerMessage(event)))
self.addEventListener('fetch', (event) => {
  const answer = answerFor(event)
  if (answer) event.respondWith(answer)
})

/** Takes what the last build has as well, fetches the rest, and fails as a whole: then the old build goes on. */
async function install() {
  const cache = await caches.open(appCacheName)
  await Promise.all(
    [...appFiles].map(async ([path, { integrity, isPrecached }]) => {
      // Names in assets/ have a hash in them.
      const known = path.includes('/assets/') ? await caches.match(path, anyRequest) : undefined
      if (known) return cache.put(path, known)
      if (isPrecached) return cache.add(new Request(path, { integrity, cache: 'no-cache' }))
    }),
  )
}

async function activate() {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith(`${prefix}-`) && name !== appCacheName && name !== modelCacheName)
  await Promise.all(old.map((name) => caches.delete(name)))
  // The first visit is served as well: its model is kept.
  await self.clients.claim()
}

/** What to answer a request with, or undefined where the network is to answer. */
function answerFor(event) {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (origin !== self.location.origin) return undefined
  if (pathname.startsWith(modelRoot)) return answerFromModel(event, pathname)
  if (request.method !== 'GET') return undefined
  const path = pathname.endsWith('/index.html') ? pathname.slice(0, -'index.html'.length) : pathname
  return appFiles.has(path) ? answerFromApp(event, path) : undefined
}

async function answerFromApp(event, path) {
  const cache = await caches.open(appCacheName)
  const kept = await cache.match(path, anyRequest)
  if (kept) return kept
  const response = await fetch(event.request)
  return response.status === 200 ? passAndKeep(event, response, cache, path) : response
}

async function answerFromModel(event, path) {
  const { request } = event
  if (request.method !== 'GET' && request.method !== 'HEAD') return fetch(request)
  const cache = await caches.open(modelCacheName)
  const kept = await cache.match(path, anyRequest)
  // Who asks for a range gets the whole file, which is a right answer to that.
  if (kept) return request.method === 'HEAD' ? new Response(null, { headers: kept.headers }) : kept
  if (request.method === 'HEAD') {
    // Asks whether there is a file that the model can do without. Offline there is what is kept.
    return fetch(request).catch(() => new Response(null, { status: 404 }))
  }
  const response = await fetch(request)
  const size = build.model.files[path.slice(modelRoot.length)]
  return response.status === 200 && size !== undefined ? passAndKeep(event, response, cache, path, size) : response
}

/**
 * Gives the page the response and stores it as it passes, a chunk at a time: the network waits for both, so that
 * the file is never held here. A body that breaks off, or has another size than the build says, is not kept.
 */
function passAndKeep(event, response, cache, path, size) {
  const headers = new Headers(response.headers)
  // The body is unpacked by now.
  if (headers.has('content-encoding')) for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  const reader = response.body.getReader()
  const { readable, writable } = new TransformStream()
  const writer = writable.getWriter()
  const kept = cache.put(path, new Response(readable, { headers })).catch((error) => writer.abort(error).catch(() => undefined))
  event.waitUntil(kept)
  let passed = 0
  const body = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) {
          const isWhole = size === undefined || passed === size
          await (isWhole ? writer.close() : writer.abort()).catch(() => undefined)
          // Who has the file may rely on its being kept.
          await kept
          return controller.close()
        }
        passed += value.length
        controller.enqueue(value)
        // Where there is no room, the page gets the rest all the same.
        await writer.write(value).catch(() => undefined)
      } catch (error) {
        void writer.abort(error).catch(() => undefined)
        throw error
      }
    },
    async cancel(reason) {
      void writer.abort(reason).catch(() => undefined)
      await reader.cancel(reason)
    },
  })
  return new Response(body, { headers })
}

/** Messages of the page: `useOffline.ts` sends them. */
async function answerMessage({ data, ports }) {
  if (data === 'activate') await self.skipWaiting()
  if (data === 'forget-model') await caches.delete(modelCacheName)
  if (data === 'complete-model') ports[0].postMessage(await completeModel().catch(() => false))
}

/** Fetches the small files that are missing, and says whether a load needs no network now. */
async function completeModel() {
  const cache = await caches.open(modelCacheName)
  const names = Object.keys(build.model.files)
  const isGraph = (name) => name.includes('.onnx')
  const isKept = async (name) => (await cache.match(modelRoot + name, anyRequest)) !== undefined
  const graphs = await Promise.all(names.filter(isGraph).map(isKept))
  if (!graphs.includes(true)) return false
  await Promise.all(names.filter((name) => !isGraph(name)).map(async (name) => (await isKept(name)) || cache.add(modelRoot + name)))
  return true
}
