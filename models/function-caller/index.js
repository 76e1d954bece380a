/** URL of the model's folder. */
export const modelURL = new URL('./', import.meta.url).href
