// ESLint rule: imports inside src/ point down the layers only, and React and Comlink stay where they belong.
import path from 'node:path'

/**
 * What each folder of src/ may import from the others. `values`: anything. `types`: `import type` only;
 * an entry with a slash names one file. Every folder may import itself and `errors`.
 * @type {Record<string, { values?: string[], types?: string[], packages?: string[] }>}
 */
const layers = {
  errors: {},
  simd: {},
  models: {},
  tools: {},
  inference: { values: ['simd', 'models', 'tools'] },
  worker: { values: ['inference', 'simd', 'models', 'tools'], packages: ['comlink'] },
  engine: { values: ['tools', 'models'], types: ['worker/protocol', 'inference'], packages: ['comlink'] },
  chat: { values: ['engine', 'tools'], types: ['inference', 'models'] },
  react: { values: ['chat', 'engine', 'tools'], types: ['inference', 'models'], packages: ['react'] },
  components: { values: ['react', 'chat', 'engine', 'tools'], types: ['inference', 'models'], packages: ['react'] },
  vite: {},
  cli: { values: ['engine', 'inference', 'tools', 'models'] },
  // src/index.ts itself
  index: { values: ['react', 'chat', 'engine', 'tools'], types: ['inference', 'models'], packages: ['react'] },
}

/** Packages that only the layers naming them in `packages` may import; subpaths and react-dom included. */
const reserved = [
  { name: 'react', matches: /^(react|react-dom)(\/|$)/ },
  { name: 'comlink', matches: /^comlink(\/|$)/ },
]

/** @param {string} file absolute path @returns {{ layer: string, module: string } | undefined} */
function locate(file) {
  const parts = file.replaceAll('\\', '/').split('/src/')
  if (parts.length < 2) return undefined
  const inside = /** @type {string} */ (parts.at(-1)).replace(/\.[cm]?[jt]sx?$/, '')
  const layer = inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : 'index'
  return { layer, module: inside }
}

/** @param {{ module: string, layer: string }} target @param {string[] | undefined} allowed */
function isListed(target, allowed) {
  return allowed?.some((entry) => entry === target.layer || entry === target.module) ?? false
}

/**
 * Why `from` may not import `specifier`, or undefined where it may.
 * @param {string} from absolute path of the importing file
 * @param {string} specifier
 * @param {boolean} typeOnly
 */
function forbiddenImport(from, specifier, typeOnly) {
  const source = locate(from)
  if (!source) return undefined
  const rules = layers[source.layer]
  if (!rules) return `src/${source.layer} has no entry in scripts/lint/importDirection.mjs: say there what it may import.`
  if (!specifier.startsWith('.')) {
    const owner = reserved.find(({ matches }) => matches.test(specifier))
    if (!owner || rules.packages?.includes(owner.name)) return undefined
    const owners = Object.keys(layers).filter((name) => layers[name]?.packages?.includes(owner.name))
    return `src/${source.layer} may not import '${specifier}': only ${owners.join(', ')} may.`
  }
  const target = locate(path.resolve(path.dirname(from), specifier))
  if (!target || target.layer === source.layer || target.layer === 'errors') return undefined
  if (isListed(target, rules.values)) return undefined
  if (isListed(target, rules.types)) {
    return typeOnly ? undefined : `src/${source.layer} may only 'import type' from src/${target.module}.`
  }
  return `src/${source.layer} may not import src/${target.module}: imports point down the layers only (docs/architecture.md).`
}

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: { type: 'problem', schema: [], messages: { forbidden: '{{reason}}' } },
  create(context) {
    /** @param {any} node @param {any} source @param {boolean} typeOnly */
    const check = (node, source, typeOnly) => {
      if (typeof source?.value !== 'string') return
      const reason = forbiddenImport(context.filename, source.value, typeOnly)
      if (reason) context.report({ node, messageId: 'forbidden', data: { reason } })
    }
    /** @param {any} node */
    const isTypeOnly = (node) =>
      (node.importKind ?? node.exportKind) === 'type' ||
      (node.specifiers?.length > 0 && node.specifiers.every((/** @type {any} */ s) => (s.importKind ?? s.exportKind) === 'type'))
    return {
      ImportDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ExportAllDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (/** @type {any} */ node) => check(node, node.source ?? node.argument?.literal, true),
    }
  },
}
