import { onnxType } from '../../models/index.js'
import { graphProto, modelProto, nodeProto, opsetProto } from './onnxFields.js'
import { ProtobufWriter } from './ProtobufWriter.js'
import { newValue } from './writeModel.js'

/** The smallest of models: it gives the number that it takes. */
export function identityModel(): Uint8Array {
  return new ProtobufWriter()
    .integer(modelProto.irVersion, 8)
    .message(modelProto.opset, (opset) => opset.integer(opsetProto.version, 17))
    .message(modelProto.graph, (graph) =>
      graph
        .message(graphProto.node, (node) => node.text(nodeProto.input, 'x').text(nodeProto.output, 'y').text(nodeProto.opType, 'Identity'))
        .text(graphProto.name, 'identity')
        .bytes(graphProto.input, newValue('x', onnxType.float, [1]).message)
        .bytes(graphProto.output, newValue('y', onnxType.float, [1]).message),
    )
    .finish()
}
