import type { TObject } from "typebox";

/*
 * A type parameter takes whatever extends its constraint, with any number of further fields: a misspelt
 * `quary` would compile, and do nothing. KnownFields refuses such a field where it is written.
 */

/** The names in braces: `/devices/{deviceId}/track` -> `deviceId`. */
export type PathNames<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

/** Types that no value has. Their names and fields are what the compiler's message shows. */
declare const impossible: unique symbol;
interface UnknownField<Field> {
  readonly unknownField: Field;
  readonly [impossible]: never;
}
interface PathHasTheNames<Names> {
  readonly names: Names;
  readonly [impossible]: never;
}

/** A schema of path parameters must have a property for every name in the path, and no other. */
type PathSchema<Schema, Names> =
  Schema extends TObject<infer Properties>
    ? [keyof Properties, Names] extends [Names, keyof Properties]
      ? Schema
      : PathHasTheNames<Names>
    : Schema;

/**
 * Fields whose own fields are checked as well; a number is a status among `responses`. Schemas are TypeBox's
 * to check.
 */
type Nested = "routes" | "body" | "responses" | "stream" | "tables" | "schedules" | number;

type KnownValue<Given, Field extends keyof Given, Shape> = Field extends Nested
  ? KnownFields<Given[Field], Shape>
  : Field extends "parameters"
    ? PathSchema<Given[Field], Given extends { readonly path: infer Path } ? PathNames<Path> : never>
    : Given[Field];

/** `Given`, as far as every field of it is one that `Shape` has. */
export type KnownFields<Given, Shape> = Shape extends readonly (infer Element)[]
  ? { readonly [Index in keyof Given]: KnownFields<Given[Index], Element> }
  : {
      readonly [Field in keyof Given]: Field extends keyof Shape
        ? KnownValue<Given, Field, NonNullable<Shape[Field]>>
        : UnknownField<Field>;
    };
