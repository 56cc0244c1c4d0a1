import { DAMAGE_METRICS } from "../../../lib/runtime/metric-names.ts";
import type { BacktrackFunction } from "../function.ts";
import { ownMetric } from "./functions.ts";
import { together, type Watch, watchEach } from "./watch.ts";

/**
 * Stored bytes that can't be read any more. Whoever asks is served without them, so nobody else would tell; and a backup that
 * still has them is kept for so long only.
 */
export const watchDamage = (functions: readonly BacktrackFunction[]): Watch[] =>
  watchEach(
    together(
      functions.flatMap((fn) => {
        const { reportsDamage } = fn.definition;
        return reportsDamage === undefined ? [] : [ownMetric(fn, DAMAGE_METRICS[reportsDamage])];
      }),
    ),
    {
      name: "damaged-data",
      tells:
        "Stored segments or device states can't be read: the log names each. A backup may still have them whole",
    },
  );
