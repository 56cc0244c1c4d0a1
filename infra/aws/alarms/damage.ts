import { DAMAGE_METRICS } from "../../../lib/runtime/metric-names.ts";
import type { BacktrackFunction } from "../function.ts";
import { ownMetric } from "./functions.ts";
import { together, type Watch, watchEach } from "./watch.ts";

/**
 * Stored bytes that can no longer be read. Requests are served without them, so nothing else would report it;
 * and a backup that still has them is kept only for a limited time.
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
