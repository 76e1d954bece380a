/** Hardly anything is said to a house that is no wish: better one call too many than one too few. */
export const toolCallBias = 1.5
