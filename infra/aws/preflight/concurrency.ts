import type { FunctionDefinition } from "../../../lib/runtime/definition.ts";
import { parallelizationOf, reservedConcurrency } from "../function.ts";
import type { Settings } from "../settings.ts";

/** How many functions may run at once in a region of an account. */
export interface AccountLimits {
  readonly concurrentExecutions: number;
  /** How many of them no function has reserved. */
  readonly unreservedConcurrentExecutions: number;
}

/** How many of an account's concurrent executions the stack wants. */
export interface Demand {
  /** By function, with its name in AWS. */
  readonly reserved: ReadonlyMap<string, number>;
  /** How many the stream's consumers may use at once without a reservation. */
  readonly consumers: number;
}

export interface Verdict {
  /** Why CloudFormation would refuse the stack, and what to do. */
  readonly refusal?: string;
  readonly warning?: string;
}

/** Lambda keeps this many for functions without a reservation, or the whole limit if that is smaller. */
const KEPT_UNRESERVED = 100;
/** An on-demand stream starts with this many shards. */
const ON_DEMAND_SHARDS = 4;

const RAISE =
  "ask for more (minutes to days): aws service-quotas request-service-quota-increase --service-code lambda " +
  "--quota-code L-B99A9384 --desired-value 1000";

export const demandOf = (manifest: readonly FunctionDefinition[], settings: Settings): Demand => {
  const reserved = manifest.flatMap((definition): [string, number][] => {
    const count = reservedConcurrency(definition, settings);
    return count === undefined ? [] : [[`backtrack-${settings.stage}-${definition.name}`, count]];
  });
  const shards = settings.streamShards ?? ON_DEMAND_SHARDS;
  const consumers = manifest.reduce(
    (sum, { stream }) => sum + (stream ? shards * parallelizationOf(stream, settings) : 0),
    0,
  );
  return { reserved: new Map(reserved), consumers };
};

/** Whether the account has room, `held` being what the stack's functions have reserved already. */
export const judge = (limits: AccountLimits, { reserved, consumers }: Demand, held: number): Verdict => {
  const wanted = [...reserved.values()].reduce((sum, count) => sum + count, 0);
  const kept = Math.min(KEPT_UNRESERVED, limits.concurrentExecutions);
  const left = limits.unreservedConcurrentExecutions + held - wanted;
  if (wanted > held && left < kept) {
    const names = [...reserved].map(([name, count]) => `${count} for ${name}`).join(", ");
    return {
      refusal:
        `the account may run ${limits.concurrentExecutions} functions at once, of which ${limits.unreservedConcurrentExecutions} are not reserved; ` +
        `reserving ${names} would leave ${left}, and Lambda insists on ${kept}. Omit reserveConcurrency and ingest=function-url, or ${RAISE}`,
    };
  }
  if (limits.concurrentExecutions < KEPT_UNRESERVED || consumers > left / 2) {
    return {
      warning:
        `the account may run ${limits.concurrentExecutions} functions at once, of which the stream's consumers may use ${consumers}: ` +
        `under load the API then fails with 503, and replays wait. Before serious use, ${RAISE}`,
    };
  }
  return {};
};
