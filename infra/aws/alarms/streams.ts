import type { Stream } from "aws-cdk-lib/aws-kinesis";
import type { FedFunction } from "../event-source.ts";
import {
  expressionOf,
  KEEP_STATE,
  MINUTE,
  mappingMetric,
  NO_DATA_IS_BAD,
  sumOf,
  TEN_MINUTES,
  type Watch,
} from "./watch.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** A position normally reaches its device's state in a second or two. */
const LATE_MS = 60 * SECOND_MS;
const WAITING_MS = TEN_MINUTES.toMilliseconds();

/**
 * A consumer that is slow, fails, or has stopped. Lambda reports the age of what it delivers, and nothing at
 * all when it delivers nothing, so a stopped consumer is recognised by what comes in meanwhile, and by nobody
 * reading the stream.
 */
export const watchConsumer = ({
  fn,
  stream,
  retentionHours,
  windowSeconds,
  mappingId,
}: FedFunction): Watch[] => {
  const { name } = fn.definition;
  // While a batch is gathering, it is right that there is no call.
  const windowMinutes = Math.ceil(windowSeconds / 60);
  const age = {
    metric: fn.lambda.metric("IteratorAge", { statistic: "Maximum", period: MINUTE }),
    // Without an invocation there is no age; that does not mean that anything got younger.
    missing: KEEP_STATE,
  };
  const incoming = sumOf("AWS/Kinesis", "IncomingRecords", { StreamName: stream.streamName }, MINUTE);
  const invocations = fn.lambda.metricInvocations({ statistic: "Sum", period: MINUTE });
  return [
    {
      name: `${name}-iterator-age`,
      tells: `${name} has been more than a minute behind its stream for five minutes`,
      ...age,
      from: LATE_MS + windowSeconds * SECOND_MS,
      periods: 5,
    },
    {
      name: `${name}-waiting`,
      tells: `Records have waited more than 10 minutes for ${name}: it fails, is throttled, or has too few shards`,
      ...age,
      from: WAITING_MS + windowSeconds * SECOND_MS,
    },
    {
      name: `${name}-near-loss`,
      tells: `Records have waited for ${name} for a quarter of the ${retentionHours} hours that the stream keeps them; after that they are lost`,
      ...age,
      from: (retentionHours * HOUR_MS) / 4,
    },
    {
      name: `${name}-stopped`,
      tells: `Records come in, but ${name} has not been called for 5 minutes: check its event source mapping`,
      metric: expressionOf(
        "IF(FILL(incoming,0)>0 AND FILL(invocations,0)==0,1,0)",
        { incoming, invocations },
        MINUTE,
      ),
      // The newest minute of either metric may not be there yet, and FILL reads it as 0.
      periods: 6 + windowMinutes,
      badPeriods: 5 + windowMinutes,
    },
    {
      name: `${name}-failed-records`,
      tells: `${name} gave up records: they are in the failed-records bucket; npm run redrive puts them back`,
      metric: mappingMetric(mappingId, "OnFailureDestinationDeliveredEventCount"),
    },
    {
      name: `${name}-lost-records`,
      tells: `${name} gave up records that could not be written to the failed-records bucket`,
      metric: mappingMetric(mappingId, "DroppedEventCount"),
    },
    {
      name: `${name}-throttles`,
      tells: `Calls of ${name} were refused: the account runs as many functions at once as it may, or its own share is used up`,
      metric: fn.lambda.metricThrottles({ statistic: "Sum", period: MINUTE }),
      // A refused batch is delivered again a moment later: now and then does not matter.
      periods: 5,
      badPeriods: 3,
    },
  ];
};

/**
 * Lambda polls an idle stream about once a second: if nobody polls, its consumer is gone, whether or not
 * records come.
 */
export const watchStream = (name: string, stream: Stream): Watch[] => [
  {
    name: `${name}-unread`,
    tells: `Nobody has read the stream ${name} for 5 minutes: what comes in waits, and is lost when the stream drops it`,
    metric: sumOf("AWS/Kinesis", "GetRecords.Success", { StreamName: stream.streamName }, MINUTE),
    downFrom: 0,
    periods: 5,
    missing: NO_DATA_IS_BAD,
  },
  {
    name: `${name}-throttled-writes`,
    tells: `The stream ${name} refuses records: producers send more than its shards take. They retry, and then fail`,
    metric: stream.metricWriteProvisionedThroughputExceeded({ statistic: "Sum", period: MINUTE }),
    periods: 5,
    badPeriods: 3,
  },
];
