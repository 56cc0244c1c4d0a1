import type { ResourceEnvironment } from "../resources/kinds.ts";
import type { ACCESS_TABLES, AccessMode, FunctionDefinition } from "./definition.ts";

/** The same as `asksForKeys` says of a value. */
type AsksForKeys<D extends FunctionDefinition> =
  Exclude<NonNullable<D["routes"]>[number]["access"], "public"> extends never ? false : true;

/** With the tables that checking access takes, where `defineFunction` adds them. */
type WithAccessTables<D extends FunctionDefinition> =
  AsksForKeys<D> extends true ? D & { readonly tables: typeof ACCESS_TABLES } : D;

/**
 * The environment of one function: a name that its definition lacks does not compile. These are properties
 * and not methods, because TypeScript holds the parameters of methods to less.
 */
export type EnvironmentOf<D extends FunctionDefinition> = ResourceEnvironment<WithAccessTables<D>> & {
  readonly variable: (name: keyof NonNullable<D["environment"]>) => string;
  /** Whether keys are required; callable only if the definition has a route that is not public. */
  readonly access: AsksForKeys<D> extends true ? () => AccessMode : unknown;
};
