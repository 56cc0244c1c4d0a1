import type { ACCESS_TABLES, AccessMode, FunctionDefinition } from "./definition.ts";

export interface ScheduleTarget {
  /** The function that they start. */
  readonly functionArn: string;
  readonly roleArn: string;
  readonly deadLettersArn: string;
  readonly keyArn: string;
}

type KeyOf<D extends FunctionDefinition, Field extends keyof FunctionDefinition> = keyof NonNullable<
  D[Field]
>;

type ElementOf<D extends FunctionDefinition, Field extends keyof FunctionDefinition> =
  NonNullable<D[Field]> extends readonly (infer Name)[] ? Name : never;

/** The same as `asksForKeys` says of a value. */
type AsksForKeys<D extends FunctionDefinition> =
  Exclude<NonNullable<D["routes"]>[number]["access"], "public"> extends never ? false : true;

/** `defineFunction` adds what checking access takes. */
type TableOf<D extends FunctionDefinition> =
  | KeyOf<D, "tables">
  | (AsksForKeys<D> extends true ? keyof typeof ACCESS_TABLES : never);

type WrittenGroupOf<Schedules> = {
  readonly [Group in keyof Schedules]-?: NonNullable<Schedules[Group]> extends readonly (infer Access)[]
    ? "write" extends Access
      ? Group
      : never
    : never;
}[keyof Schedules];

/**
 * The environment of one function: a name that its definition lacks does not compile. These are properties
 * and not methods, because TypeScript holds the parameters of methods to less.
 */
export interface EnvironmentOf<D extends FunctionDefinition> {
  readonly table: (name: TableOf<D>) => string;
  readonly stream: (name: ElementOf<D, "publishesTo">) => string;
  readonly workflow: (name: ElementOf<D, "starts">) => string;
  /** A bucket's name, or a folder as a file: URL. */
  readonly bucket: (name: ElementOf<D, "readsFrom">) => string;
  readonly scheduleGroup: (name: KeyOf<D, "schedules">) => string;
  /** What new schedules are given, as ARNs; for functions that write them. */
  readonly scheduleTarget: (name: WrittenGroupOf<NonNullable<D["schedules"]>>) => ScheduleTarget;
  readonly limit: (name: ElementOf<D, "limits">) => number;
  readonly variable: (name: KeyOf<D, "environment">) => string;
  /**
   * Whether keys are asked for: something to call only where the definition has a route that is not public.
   */
  readonly access: AsksForKeys<D> extends true ? () => AccessMode : unknown;
}
