import { describe, expect, it } from 'vitest'
import { LLMError } from '../../../errors/index.js'
import { sessionCreationError, sessionRunError } from './ortErrors.js'

describe('errors of ONNX Runtime', () => {
  it.each([
    ['std::bad_alloc', 'out-of-memory'],
    ['Array buffer allocation failed', 'out-of-memory'],
    ['Aborted(OOM)', 'out-of-memory'],
    ['Failed to load external data file "model.onnx_data", error: Module.MountedFiles is not available.', 'external-data-missing'],
    ['Load model from buffer failed: Protobuf parsing failed.', 'model-corrupt'],
    ['Fatal error: com.acme:Magic(-1) is not a registered function/op', 'unsupported-architecture'],
    ['Could not find an implementation for Foo(1) node with name x', 'unsupported-architecture'],
    ['something nobody has seen', 'session-failed'],
  ])('%s is %s', (message, code) => {
    const error = sessionCreationError(new Error(message), 'onnx/model.onnx')
    expect(error).toMatchObject({ code, subject: 'onnx/model.onnx' })
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('a RangeError is memory that could not be had, in runs as well', () => {
    expect(sessionRunError(new RangeError('x')).code).toBe('out-of-memory')
    expect(sessionRunError(new RangeError('Maximum call stack size exceeded')).code).toBe('session-failed')
    expect(sessionRunError(new Error('device lost'))).toMatchObject({ code: 'session-failed', recoverable: true })
    expect(sessionRunError('no error object').code).toBe('session-failed')
  })

  it('the kit’s own errors stay as they are', () => {
    const own = new LLMError({ code: 'context-overflow', message: 'Too long.' })
    expect(sessionRunError(own)).toBe(own)
    expect(sessionCreationError(own, 'x')).toBe(own)
  })
})
