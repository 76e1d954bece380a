/** The package's version, as package.json has it (a test compares them). What another version computed is not used. */
export const ENGINE_VERSION = '0.1.0'
