// Static servers know no type for weights; browsers and proxies treat unknown ones as text.
export default function middleware(router) {
  router.use('/models', (request, response, next) => {
    if (/\.onnx(_data(_\d+)?)?$/.test(request.url.split('?')[0])) {
      response.setHeader('Content-Type', 'application/octet-stream')
    }
    next()
  })
}
