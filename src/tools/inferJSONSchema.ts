/** The TypeScript type of the values that a JSON Schema, written as a literal, describes. */
export type InferJSONSchema<S> = S extends { readonly const: infer Value }
  ? Value
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly anyOf: readonly (infer Option)[] }
      ? InferJSONSchema<Option>
      : S extends { readonly oneOf: readonly (infer Option)[] }
        ? InferJSONSchema<Option>
        : S extends { readonly type: readonly (infer Type)[] }
          ? Type extends string
            ? OfType<S, Type>
            : unknown
          : S extends { readonly type: infer Type extends string }
            ? OfType<S, Type>
            : unknown

type OfType<S, Type extends string> = string extends Type
  ? unknown
  : Type extends 'string'
    ? string
    : Type extends 'number' | 'integer'
      ? number
      : Type extends 'boolean'
        ? boolean
        : Type extends 'null'
          ? null
          : Type extends 'array'
            ? S extends { readonly items: infer Item }
              ? InferJSONSchema<Item>[]
              : unknown[]
            : Type extends 'object'
              ? OfObject<S>
              : unknown

type OfObject<S> = S extends { readonly properties: infer Properties }
  ? Flatten<
      { [Key in keyof Properties & RequiredKey<S>]: InferJSONSchema<Properties[Key]> } & {
        [Key in Exclude<keyof Properties, RequiredKey<S>>]?: InferJSONSchema<Properties[Key]>
      }
    >
  : Record<string, unknown>

type RequiredKey<S> = S extends { readonly required: readonly (infer Key)[] } ? Key : never

type Flatten<T> = { -readonly [Key in keyof T]: T[Key] }
