/*
 * What is to be known of a kind of resource, as data. A definition says which resources of the kind a function uses; its variables, its
 * rights and the local stack's names follow from that. It is bundled with every function, so nothing of CDK is here.
 */

/** What a function may do. */
export interface Permission {
  /** As IAM calls them. */
  readonly actions: readonly string[];
  /** The attribute that is the ARN. A deployment that lacks it (no key of its own, say) grants nothing. */
  readonly on: string;
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a deployment knows of one resource: its name, its ARN and so on, in the words of its kind. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** The local stack, as far as the resources in it are named after it. */
export interface LocalHome {
  arn(service: string, resource: string): string;
  /** The function that all schedules of a group start. */
  functionStartedBy(scheduleGroup: string): string;
  /** What is set in place of what holds otherwise: variables by their names, folders by the names of buckets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly folders: Readonly<Record<string, string>>;
}

/** Reads a variable of the definition. Raises MisconfiguredError, which names the function, for one that it lacks. */
export type ReadVariable = (name: string) => string;

/**
 * `Uses`: the fields of a definition in which it is named. `Use`: what a function does with one. `Read`: what its environment has
 * for it, in the types of a definition that names all of them.
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
  /** Reads them back; `functionName` is for the message of an error. */
  read(variable: ReadVariable, functionName: string): Read;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind has names and uses of its own, and gets them back from its own `uses`.
export type AnyKind = Kind<any, any, any, object>;

/** Keeps the name's own type, by which a deployment must provide for each kind. */
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
