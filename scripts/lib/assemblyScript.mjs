// AssemblyScript's compiler, imported by a computed name: its types declare globals of their own, such as an `at()` that
// never gives undefined, which would then hold in the whole project.

/** @typedef {{ error: Error | null, stderr: { toString(): string } }} Compiled */
/** @typedef {{ readFile?: (name: string, folder: string) => string | null, writeFile?: (name: string, contents: Uint8Array | string, folder: string) => void, listFiles?: (folder: string, base: string) => string[] }} CompilerFiles */

/** @type {{ main(args: string[], files?: CompilerFiles): Promise<Compiled> }} */
export const assemblyScript = (await import(['assemblyscript', 'asc'].join('/'))).default
