/**
 * `Input` while it is being written: fields may be missing, lists short, and texts of a closed list unfinished.
 */
export type PartialInput<Input> = unknown extends Input
  ? unknown
  : Input extends string
    ? string
    : Input extends readonly (infer Item)[]
      ? PartialInput<Item>[]
      : Input extends object
        ? { [Key in keyof Input]?: PartialInput<Input[Key]> }
        : Input

/** A value as JSON gives it back: dates become text, nothing at all becomes null. */
export type AsJSON<Value> = unknown extends Value
  ? unknown
  : Value extends { toJSON: (...args: never) => infer Plain }
    ? Plain
    : Value extends string | number | boolean | null
      ? Value
      : undefined extends Value
        ? null
        : Value extends readonly (infer Item)[]
          ? AsJSON<Item>[]
          : Value extends object
            ? { [Key in keyof Value]: AsJSON<Exclude<Value[Key], undefined>> | Extract<Value[Key], undefined> }
            : never
