// What a model is: resolve local or Hub, manifest, dtype, download, storage. Imports only errors; runtimes, engine and React may import it.
export type {
  Device,
  DeviceFacts,
  Dtype,
  DtypeChoice,
  ExternalDataFile,
  FetchLike,
  JSONObject,
  LoadPhase,
  LoadProgress,
  LoadWarning,
  ModelFiles,
  ModelManifest,
  ModelOptions,
  ModelRef,
  ModelSetup,
  ModelSource,
  StoragePreference,
  StoredModel,
  StoredModelFile,
  ToolFormatName,
} from './types.js'
export { isLocalId, parseModelRef } from './modelRef.js'
export { defaultHubURL, resolveModel } from './resolveModel.js'
export type { ResolveContext } from './resolveModel.js'
export { loadModelFiles, loadModelSetup, prefetchModelFiles } from './loadModelFiles.js'
export type { LoadFilesOptions } from './ModelLoad.js'
export { nothingKept } from './loadErrors.js'
export { allDtypes, chooseDtype, graphPathOf } from './chooseDtype.js'
export { numericsPath } from './manifest.js'
export type { DtypeQuestion } from './chooseDtype.js'
export { findChatTemplates } from './chatTemplate.js'
export { unshared } from './unshared.js'
export { onnxType, readOnnxGraph } from './onnxTensors.js'
export { externalDataLocations } from './onnxGraph.js'
export type { TensorTable } from './tensorTable.js'
export { ProtobufReader } from './ProtobufReader.js'
export type { ProtobufField } from './ProtobufReader.js'
export type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, TensorPlace } from './onnxTensors.js'
export { openStorage } from './storage/openStorage.js'
export { PrefixStore } from './storage/PrefixStore.js'
export { clearStoredModels, isCached, listStoredModels } from './storage/storedModels.js'
export type { IsCachedOptions, StoredModelsOptions } from './storage/storedModels.js'
export type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './storage/ModelStorage.js'
