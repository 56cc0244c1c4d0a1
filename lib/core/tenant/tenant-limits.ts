import type { Clock } from "../clock.ts";
import { type FieldProblem, ThrottledError, UnavailableError } from "../errors.ts";
import { refuseProblems } from "../field-problems.ts";
import { remember } from "../remember.ts";
import type { TenantId } from "./tenant-id.ts";

/** How much a tenant may have; what is absent is not limited. */
export interface TenantLimits {
  /** Devices that are tracked. */
  readonly devices?: number;
  /** Requests with a valid key, to all functions together. */
  readonly requestsPerMinute?: number;
  /** Positions of its devices and recordings. */
  readonly storedPositions?: number;
  /** Replays that play or are paused; never more than the deployment allows. */
  readonly replaysAtOnce?: number;
}

export type TenantLimitName = keyof TenantLimits;

export const TENANT_LIMIT_NAMES: readonly TenantLimitName[] = [
  "devices",
  "requestsPerMinute",
  "storedPositions",
  "replaysAtOnce",
];

export const MAXIMUM_TENANT_LIMIT = 1_000_000_000_000;

/** In place of a number: a tenant is exempt from a limit that every tenant has. */
export const UNLIMITED = "unlimited";

/** The limits that were set for one owner. */
export type OwnLimits = Readonly<Partial<Record<TenantLimitName, number | typeof UNLIMITED>>>;

/** Whose limits: one tenant's, or those of every tenant, which hold wherever a tenant has no own value. */
export const EVERY_TENANT = "*";
export type LimitsOwner = TenantId | typeof EVERY_TENANT;

/** The tenants table. */
export interface TenantLimitStore {
  /** What was set for this owner alone. */
  own(owner: LimitsOwner): Promise<OwnLimits>;
  /** What holds for a tenant: limitsInForce. */
  of(tenant: TenantId): Promise<TenantLimits>;
  /** Replaces what was set for this owner; with no limits, removes it. */
  put(owner: LimitsOwner, limits: OwnLimits): Promise<void>;
}

/** One limit at a time: the tenant's own value, else that of every tenant. */
export const limitsInForce = (ofEveryTenant: OwnLimits = {}, own: OwnLimits = {}): TenantLimits => {
  const merged = { ...ofEveryTenant, ...own };
  return Object.fromEntries(Object.entries(merged).filter(([, limit]) => limit !== UNLIMITED));
};

/** Changes some limits of an owner; null removes one. The others stay. Throws InvalidInputError. */
export const changeLimits = async (
  store: TenantLimitStore,
  owner: LimitsOwner,
  changes: Readonly<Partial<Record<TenantLimitName, OwnLimits[TenantLimitName] | null>>>,
): Promise<OwnLimits> => {
  refuseProblems(problemsOf(changes));
  const merged = { ...(await store.own(owner)), ...changes };
  const kept = TENANT_LIMIT_NAMES.filter((name) => (merged[name] ?? null) !== null);
  const limits: OwnLimits = Object.fromEntries(kept.map((name) => [name, merged[name]]));
  await store.put(owner, limits);
  return limits;
};

const isLimit = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAXIMUM_TENANT_LIMIT;

const problemsOf = (changes: Readonly<Record<string, number | string | null>>): FieldProblem[] =>
  Object.entries(changes).flatMap(([field, value]) =>
    value === null || value === UNLIMITED || isLimit(value)
      ? []
      : [{ field, value, rule: `must be ${UNLIMITED}, or a whole number from 0 to ${MAXIMUM_TENANT_LIMIT}` }],
  );

/** That a table is slow or down. A limit must not be what keeps positions out then. */
export const doesNotAnswer = (error: unknown): boolean =>
  error instanceof ThrottledError || error instanceof UnavailableError;

/** What holds for a tenant, at most so old. */
export type LimitsOf = (tenant: TenantId) => Promise<TenantLimits>;

/** How long limits that were read are believed: a changed one holds that much later at most. */
export const LIMITS_CACHE_SECONDS = 60;
const MAXIMUM_CACHED_TENANTS = 1_000;

/**
 * Reads limits once a minute for each tenant. While the table does not answer, the last limits that were read
 * hold; where there are none, nothing is limited. Limits keep costs down, and must not keep positions out.
 */
export const cachedLimits = (store: Pick<TenantLimitStore, "of">, now: Clock): LimitsOf => {
  const cached = new Map<TenantId, { readonly limits: Promise<TenantLimits>; readonly readAtMs: number }>();
  return (tenant) => {
    const known = cached.get(tenant);
    const ageMs = now() - (known?.readAtMs ?? 0);
    if (known && ageMs >= 0 && ageMs < LIMITS_CACHE_SECONDS * 1000) return known.limits;
    const limits = store.of(tenant).catch((error: unknown) => {
      if (!doesNotAnswer(error)) {
        cached.delete(tenant);
        throw error;
      }
      return known?.limits ?? {};
    });
    remember(cached, tenant, { limits, readAtMs: now() }, MAXIMUM_CACHED_TENANTS);
    return limits;
  };
};
