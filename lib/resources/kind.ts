/*
 * Everything to know about a kind of resource, as data. A definition says which resources of the kind a
 * function uses; its variables, its permissions and the local stack's names follow from that. It is bundled
 * with every function, so it holds nothing of CDK.
 */

/** What a function may do. */
export interface Permission {
  /** IAM's names. */
  readonly actions: readonly string[];
  /** The attribute that holds the ARN. */
  readonly on: string;
  /** A deployment may lack the attribute, such as a key of its own, and then grants nothing. */
  readonly optional?: true;
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a deployment knows about one resource: its name, its ARN and so on, by the attributes of its kind. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** The part of the local stack that its resources' names depend on. */
export interface LocalHome {
  arn(service: string, resource: string): string;
  /** The function that all schedules of a group start. */
  functionStartedBy(scheduleGroup: string): string;
  /** Settings that replace defaults: variables by their names, folders by the names of buckets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly folders: Readonly<Record<string, string>>;
}

/**
 * Reads a variable of the definition. Raises a MisconfiguredError, which names the function, if it lacks the
 * variable.
 */
export type ReadVariable = (name: string) => string;

/**
 * `Uses`: the fields of a definition that name it. `Use`: what a function does with one. `Read`: what its
 * environment offers for it, typed for a definition that names all of them.
 */
export interface Kind<Name extends string, Use, Uses extends object, Read extends object> {
  /** For example `table`. */
  readonly name: string;
  uses(definition: Uses): readonly (readonly [name: Name, use: Use])[];
  /** The variables by which a function knows the resource, and the attribute that each holds. */
  variables(name: Name, use: Use): Readonly<Record<string, string>>;
  permissions(name: Name, use: Use): readonly Permission[];
  /** The attributes that the variables hold, in the local stack. */
  local(name: Name, home: LocalHome): Attributes;
  /** Reads them back; `functionName` is for error messages. */
  read(variable: ReadVariable, functionName: string): Read;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind has names and uses of its own, and gets them back from its own `uses`.
export type AnyKind = Kind<any, any, any, object>;

/** Keeps the name's own type, so that the compiler makes a deployment provide for each kind. */
export const defineKind = <
  const KindName extends string,
  Name extends string,
  Use,
  Uses extends object,
  Read extends object,
>(
  kind: Kind<Name, Use, Uses, Read> & { readonly name: KindName },
): Kind<Name, Use, Uses, Read> & { readonly name: KindName } => kind;

/** `average-speed` -> `AVERAGE_SPEED`. */
export const screaming = (name: string): string => name.toUpperCase().replaceAll("-", "_");

/** The elements of a field that is a list. */
export type ElementOf<Field> = NonNullable<Field> extends readonly (infer Name)[] ? Name : never;
