import type { DamagedDevice } from "../core/device/device-store.ts";
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
): ((damaged: DamagedSegment) => void) => {
  return ({ trackId, segment, error }) => {
    const { positionCount, data } = segment;
    const where = { trackId, segmentKey: keyOf(segment), positionCount, bytes: data.length };
    logger.error("segment damaged", { ...where, error });
    metrics.count({ [DAMAGE_METRICS.segments]: 1 });
  };
};

/** Reports a device whose stored state can't be read: a line in the log, and the metric StatesDamaged. */
export const stateDamageReporter = (
  definition: FunctionDefinition & { readonly reportsDamage: "states" },
  logger = functionLogger(definition),
  metrics = functionMetrics(definition),
): ((damaged: DamagedDevice) => void) => {
  return ({ deviceId, error }) => {
    logger.error("device state damaged", { deviceId, error });
    metrics.count({ [DAMAGE_METRICS.states]: 1 });
  };
};
