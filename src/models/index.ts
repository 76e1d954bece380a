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
  ModelFiles,
  ModelManifest,
  ModelOptions,
  ModelRef,
  ModelSetup,
  ModelSource,
  StoragePreference,
  StoredModel,
  ToolFormatName,
} from './types.js'
export type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './storage/ModelStorage.js'
