/** Why the SIMD core cannot run a graph, as the end of a sentence. Does not leave this folder. */
export class Unsupported extends Error {}
