import type { DamagedDevice } from "../core/device/device-store.ts";
import type { OfTenant } from "../core/tenant/of-tenant.ts";
import { DEFAULT_TENANT, type TenantId } from "../core/tenant/tenant-id.ts";
import type { DamagedSegment } from "../core/track/damaged-segment.ts";
import type { StoredSegment } from "../core/track/track-store.ts";
import type { FunctionDefinition } from "./definition.ts";
import { functionLogger } from "./logger.ts";
import { DAMAGE_METRICS } from "./metric-names.ts";
import { functionMetrics } from "./metrics.ts";

/**
 * Reports damaged segments: a line in the log that says where the bytes are, by the key that `keyOf` gives
 * them in the tracks table, and the metric SegmentsDamaged.
 */
export const damageReporter = (
  definition: FunctionDefinition & { readonly reportsDamage: "segments" },
  keyOf: (segment: StoredSegment) => string,
  logger = functionLogger(definition),
  metrics = functionMetrics(definition),
): OfTenant<(damaged: DamagedSegment) => void> => {
  return (tenant) =>
    ({ trackId, segment, error }) => {
      const { positionCount, data } = segment;
      const where = {
        ...named(tenant),
        trackId,
        segmentKey: keyOf(segment),
        positionCount,
        bytes: data.length,
      };
      logger.error("segment damaged", { ...where, error });
      metrics.count({ [DAMAGE_METRICS.segments]: 1 });
    };
};

/** In the log, where there are more than the default one. */
const named = (tenant: TenantId): { readonly tenant?: TenantId } =>
  tenant === DEFAULT_TENANT ? {} : { tenant };

/** Reports a device whose stored state can't be read: a line in the log, and the metric StatesDamaged. */
export const stateDamageReporter = (
  definition: FunctionDefinition & { readonly reportsDamage: "states" },
  logger = functionLogger(definition),
  metrics = functionMetrics(definition),
): OfTenant<(damaged: DamagedDevice) => void> => {
  return (tenant) =>
    ({ deviceId, error }) => {
      logger.error("device state damaged", { ...named(tenant), deviceId, error });
      metrics.count({ [DAMAGE_METRICS.states]: 1 });
    };
};
