import { type BucketEnvironment, bucketKind, type UsesBuckets } from "./bucket.ts";
import type { AnyKind } from "./kind.ts";
import { type LimitEnvironment, limitKind, type UsesLimits } from "./limit.ts";
import {
  type ScheduleGroupEnvironment,
  scheduleGroupKind,
  type UsesScheduleGroups,
} from "./schedule-group.ts";
import { type StreamEnvironment, streamKind, type UsesStreams } from "./stream.ts";
import { type TableEnvironment, tableKind, type UsesTables } from "./table.ts";
import { type UsesWorkflows, type WorkflowEnvironment, workflowKind } from "./workflow.ts";

/*
 * Every kind of resource that a definition may name. A new kind is a module in this folder, its line in each
 * of these three, and an entry in infra/aws/attributes.ts for the construct that creates it, which the
 * compiler asks for.
 */

export const KINDS = [
  tableKind,
  streamKind,
  workflowKind,
  bucketKind,
  scheduleGroupKind,
  limitKind,
] as const satisfies readonly AnyKind[];

/** The fields of a definition that name resources. */
export interface UsesResources
  extends UsesTables,
    UsesStreams,
    UsesWorkflows,
    UsesBuckets,
    UsesScheduleGroups,
    UsesLimits {}

/** What a function's environment offers for the resources that its definition names. */
export type ResourceEnvironment<D extends UsesResources> = TableEnvironment<D> &
  StreamEnvironment<D> &
  WorkflowEnvironment<D> &
  BucketEnvironment<D> &
  ScheduleGroupEnvironment<D> &
  LimitEnvironment<D>;

export type KindName = (typeof KINDS)[number]["name"];

/**
 * One resource that a function uses: its variables, each with the attribute that it holds, and its
 * permissions.
 */
export interface UsedResource {
  readonly kind: AnyKind;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly permissions: ReturnType<AnyKind["permissions"]>;
}

/** Every resource that a definition names, of every kind. */
export const usedResources = (definition: UsesResources, kinds: readonly AnyKind[] = KINDS): UsedResource[] =>
  kinds.flatMap((kind) =>
    kind.uses(definition).map(([name, use]) => ({
      kind,
      name,
      variables: kind.variables(name, use),
      permissions: kind.permissions(name, use),
    })),
  );

/**
 * The resources' variables with their values, for a deployment to set. Raises RangeError for a missing
 * attribute.
 */
export const variablesOf = (
  { kind, name, variables }: UsedResource,
  attributes: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([variable, attribute]) => {
      const value = attributes[attribute];
      if (value === undefined)
        throw new RangeError(`${variable}: the ${kind.name} ${name} has no ${attribute}`);
      return [variable, value];
    }),
  );
