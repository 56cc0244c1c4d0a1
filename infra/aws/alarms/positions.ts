import { TRACKING_METRICS } from "../../../lib/runtime/metric-names.ts";
import type { FedFunction } from "../event-source.ts";
import { ownMetric } from "./functions.ts";
import { expressionOf, FIVE_MINUTES, sumOf, TEN_MINUTES, type Watch } from "./watch.ts";

/** One position a second, for ten minutes. */
const ONE_A_SECOND = 600;
/** One device that sends once a second and is wrong all the time causes this many in a minute. */
const A_FEW = 10;

/**
 * What happened to positions. Some of each is normal (a phone that was offline sends late ones, redelivery
 * brings duplicates), so late and duplicate ones raise an alarm only when for an hour they outnumber the
 * records: then devices' clocks, a client's retries or a replay are wrong, and each late one costs a segment
 * of its own. Conflicts and refusals raise one at the rate of a single device that is wrong all the time;
 * quarantine does at once, because what is there was accepted, and waits for somebody.
 */
export const watchPositions = (fed: FedFunction): Watch[] => {
  const { fn, stream } = fed;
  const { late, duplicate, conflicting, refused, quarantined } = TRACKING_METRICS;
  const moreThanRecords = (metricName: string) =>
    expressionOf(
      `IF(FILL(positions,0)>${ONE_A_SECOND} AND FILL(positions,0)>FILL(records,0),1,0)`,
      {
        positions: ownMetric(fn, metricName, { period: TEN_MINUTES }),
        records: sumOf("AWS/Kinesis", "IncomingRecords", { StreamName: stream.streamName }, TEN_MINUTES),
      },
      TEN_MINUTES,
    );
  return [
    {
      name: "late-positions",
      tells:
        "For an hour there were more late positions than records: devices send newest first, or their clocks are behind",
      metric: moreThanRecords(late),
      periods: 6,
    },
    {
      name: "duplicate-positions",
      tells:
        "For an hour there were more repeated positions than records: a client or a replay repeats itself",
      metric: moreThanRecords(duplicate),
      periods: 6,
    },
    {
      name: "conflicting-positions",
      tells:
        "Positions of one device have the same time but different places: two devices may share an id. They are kept in quarantine",
      metric: ownMetric(fn, conflicting, { period: FIVE_MINUTES }),
      from: A_FEW,
      periods: 3,
    },
    {
      name: "refused-positions",
      tells:
        "Positions are refused because of their time: a device's clock is ahead. They are kept in quarantine",
      metric: ownMetric(fn, refused, { period: FIVE_MINUTES }),
      from: A_FEW,
      periods: 3,
    },
    {
      name: "quarantined-records",
      tells: "Records could not be applied: GET /quarantine has them whole, with the reason",
      metric: ownMetric(fn, quarantined, { period: FIVE_MINUTES }),
    },
  ];
};
