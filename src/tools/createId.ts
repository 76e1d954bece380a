const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Nine random letters and digits: a form of id that every chat template takes. */
export function createId(): string {
  let id = ''
  for (let i = 0; i < 9; i++) id += alphabet[Math.floor(Math.random() * alphabet.length)]
  return id
}
