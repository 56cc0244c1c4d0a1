import type { TObject } from "typebox";
import type { FunctionDefinition, Route, RouteResponse, StreamTrigger } from "./definition.ts";

/*
 * A type parameter takes whatever extends its constraint, with any number of further fields: a misspelt `quary` would
 * compile, and do nothing. These types refuse, where a definition is written, each field that FunctionDefinition lacks.
 */

/** `Given`, with a type that no value has for each field that `Shape` lacks. The compiler's message then names the field. */
type Known<Given, Shape> = {
  readonly [Field in keyof Given]: Field extends keyof Shape ? Given[Field] : UnknownField<Field>;
};

interface UnknownField<Field> {
  readonly unknownField: Field;
  readonly [impossible]: never;
}
declare const impossible: unique symbol;

/** The names in braces: `/devices/{deviceId}/track` -> `deviceId`. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

interface NotThePathsNames<Names> {
  readonly pathHas: Names;
  readonly [impossible]: never;
}

/** A schema of path parameters has a property for every name of the path, and no other. */
type PathSchema<Schema, Names> =
  Schema extends TObject<infer Properties>
    ? [keyof Properties, Names] extends [Names, keyof Properties]
      ? Schema
      : NotThePathsNames<Names>
    : Schema;

type KnownBody<Body> = Known<Body, NonNullable<Route["body"]>>;
type KnownResponses<Responses> = {
  readonly [Status in keyof Responses]: Known<Responses[Status], RouteResponse>;
};
type KnownRoute<Given> = Known<Given, Route> & {
  readonly [Field in keyof Given & ("body" | "responses" | "parameters")]: Field extends "body"
    ? KnownBody<Given[Field]>
    : Field extends "responses"
      ? KnownResponses<Given[Field]>
      : PathSchema<
          Given[Field],
          Given extends { readonly path: infer Path extends string } ? PathNames<Path> : never
        >;
};

/** Of the fields that hold records or lists of their own. */
interface Nested<Value> {
  readonly routes: { readonly [Index in keyof Value]: KnownRoute<Value[Index]> };
  readonly stream: Known<Value, StreamTrigger>;
  readonly tables: Known<Value, NonNullable<FunctionDefinition["tables"]>>;
  readonly schedules: Known<Value, NonNullable<FunctionDefinition["schedules"]>>;
}

/** `Given`, as far as every field of it is one that FunctionDefinition has. */
export type KnownFields<Given> = Known<Given, FunctionDefinition> & {
  readonly [Field in keyof Given & keyof Nested<unknown>]: Nested<Given[Field]>[Field];
};
