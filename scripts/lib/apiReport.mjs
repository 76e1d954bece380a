// The public API as text: every exported declaration of an entry's .d.ts, and every type those mention.
import path from 'node:path'
import ts from 'typescript'

/** Declarations are shown without comments, so that a report changes only when the API does. */
const printer = ts.createPrinter({ removeComments: true })

/** @param {ts.TypeChecker} checker @param {ts.Symbol} symbol */
const resolve = (checker, symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

/** The statement that declares: for a variable, the whole `const`. @param {ts.Declaration} declaration @returns {ts.Node} */
function statementOf(declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
}

/** @param {ts.Symbol} symbol @param {string} folder */
function ownDeclarations(symbol, folder) {
  const nodes = (symbol.declarations ?? []).filter((declaration) => {
    const file = declaration.getSourceFile().fileName
    return path.resolve(file).startsWith(folder) && !ts.isSourceFile(declaration) && !ts.isTypeParameterDeclaration(declaration)
  })
  return nodes.map(statementOf)
}

/** @param {ts.Node} node */
function print(node) {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
  return text.replace(/^(export )?(declare )?/, '')
}

/**
 * Symbols of our own that the declarations mention, other than parameters and members.
 * @param {ts.TypeChecker} checker @param {ts.Node[]} nodes @param {string} folder
 */
function mentioned(checker, nodes, folder) {
  /** @type {Set<ts.Symbol>} */
  const found = new Set()
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node) && (ts.isTypeReferenceNode(node.parent) || ts.isExpressionWithTypeArguments(node.parent) || ts.isTypeQueryNode(node.parent) || ts.isQualifiedName(node.parent))) {
      const symbol = checker.getSymbolAtLocation(node)
      if (symbol) {
        const target = resolve(checker, symbol)
        if (ownDeclarations(target, folder).length > 0) found.add(target)
      }
    }
    ts.forEachChild(node, visit)
  }
  nodes.forEach(visit)
  return found
}

/** @param {Map<string, string>} sections */
const inOrder = (sections) => [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)

/**
 * @param {string} title @param {string} file the entry's .d.ts
 * @returns {string} Markdown
 */
export function apiReport(title, file) {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    jsx: ts.JsxEmit.ReactJSX,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    skipLibCheck: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`${file} exports nothing`)
  // The reports of all entries together show a type once per entry that reaches it; its folder is always dist/.
  const folder = path.resolve(file).replace(/([/\\]dist[/\\]).*$/, '$1')

  /** @type {Map<string, string>} */
  const exported = new Map()
  /** @type {Map<string, string>} */
  const reached = new Map()
  /** @type {Set<ts.Symbol>} */
  const seen = new Set()
  /** @type {ts.Node[]} */
  const queue = []

  for (const symbol of checker.getExportsOfModule(module)) {
    const target = resolve(checker, symbol)
    seen.add(target)
    const nodes = ownDeclarations(target, folder)
    queue.push(...nodes)
    const renamed = symbol.name === target.name ? '' : `// exported as ${symbol.name}\n`
    exported.set(symbol.name, nodes.length > 0 ? renamed + nodes.map(print).join('\n') : `// ${symbol.name}: from another package`)
  }
  for (let node = queue.pop(); node; node = queue.pop()) {
    for (const symbol of mentioned(checker, [node], folder)) {
      if (seen.has(symbol)) continue
      seen.add(symbol)
      const nodes = ownDeclarations(symbol, folder)
      queue.push(...nodes)
      reached.set(symbol.name, nodes.map(print).join('\n'))
    }
  }
  const block = (/** @type {Map<string, string>} */ sections) => `\`\`\`ts\n${inOrder(sections).join('\n\n')}\n\`\`\`\n`
  return [
    `# ${title}\n`,
    '<!-- Written by `npm run check -- --update`. A change here is a change of the public API. -->\n',
    block(exported),
    ...(reached.size > 0 ? ['## Types these mention, not exported\n', block(reached)] : []),
  ].join('\n')
}
