import type { ReplayLimits } from "../core/replay/active-replays.ts";
import type { OfTenant } from "../core/tenant/of-tenant.ts";
import type { LimitsOf } from "../core/tenant/tenant-limits.ts";

/** How many replays may play or be paused at once: by the deployment, and by a tenant's own limit. */
export const replayLimits =
  (
    environment: { readonly limit: (name: "replaysAtOnce" | "replaysAtOncePerKey") => number },
    limitsOf: LimitsOf,
  ): OfTenant<ReplayLimits> =>
  (tenant) => ({
    inAll: environment.limit("replaysAtOnce"),
    perKey: environment.limit("replaysAtOncePerKey"),
    ofTenant: async () => (await limitsOf(tenant)).replaysAtOnce,
  });
