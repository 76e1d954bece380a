// Field numbers of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
export const modelProto = { irVersion: 1, graph: 7, opset: 8, functions: 25 } as const
export const opsetProto = { version: 2 } as const
export const graphProto = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparseInitializer: 15, tensorName: 8 } as const
export const nodeProto = { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 } as const
export const attributeProto = { name: 1, f: 2, i: 3, s: 4, ints: 8, type: 20 } as const
export const tensorProto = { dims: 1, dataType: 2, name: 8, raw: 9, external: 13, dataLocation: 14 } as const
export const valueInfoProto = { name: 1, type: 2 } as const
export const typeProto = { tensor: 1 } as const
export const tensorTypeProto = { elementType: 1, shape: 2 } as const
export const shapeProto = { dimension: 1 } as const
export const dimensionProto = { value: 1, parameter: 2 } as const
export const entryProto = { key: 1, value: 2 } as const

/** `AttributeProto.AttributeType` */
export const attributeType = { float: 1, int: 2, text: 3, ints: 7 } as const
