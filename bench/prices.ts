/**
 * List prices in us-east-1, US dollars, first tier, without free tiers and discounts, from the linked pages
 * on the given date.
 */
export const PRICES = {
  asOf: "2026-11-20",
  region: "us-east-1",
  /**
   * https://aws.amazon.com/api-gateway/pricing/ HTTP APIs; a request counts once per 512 KB or part of it.
   */
  gateway: { dollarsPerMillionRequests: 1 },
  /**
   * https://aws.amazon.com/lambda/pricing/ arm64; a duration is rounded up to the millisecond. A function URL
   * costs nothing.
   */
  lambda: { dollarsPerMillionRequests: 0.2, dollarsPerGigabyteSecond: 0.0000133334 },
  /**
   * https://aws.amazon.com/kinesis/data-streams/pricing/ A unit is 25 KB of one record; beyond 24 hours each
   * shard costs extra. On demand, a record is rounded up to the kilobyte, both in and out.
   */
  kinesis: {
    dollarsPerShardHour: 0.015,
    dollarsPerMillionUnits: 0.014,
    unitBytes: 25 * 1024,
    extendedRetentionDollarsPerShardHour: 0.02,
    onDemand: {
      dollarsPerStreamHour: 0.04,
      dollarsPerGigabyteIn: 0.08,
      dollarsPerGigabyteOut: 0.04,
      recordIncrementBytes: 1024,
      extendedRetentionDollarsPerGigabyteMonth: 0.1,
    },
  },
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ Storage, and point-in-time recovery for it. */
  dynamodb: {
    dollarsPerMillionWriteUnits: 0.625,
    dollarsPerMillionReadUnits: 0.125,
    dollarsPerGigabyteMonth: 0.25,
    recoveryDollarsPerGigabyteMonth: 0.2,
  },
  /**
   * https://aws.amazon.com/cloudwatch/pricing/ Logs ingested (the gateway's delivered logs cost the same) and
   * kept; CloudWatch Logs adds 26 bytes to each line.
   */
  cloudwatch: {
    logs: { dollarsPerGigabyteIn: 0.5, dollarsPerGigabyteMonth: 0.03, bytesPerLine: 26 },
    dollarsPerMetricMonth: 0.3,
    dollarsPerAlarmMonth: 0.1,
    dollarsPerDashboardMonth: 3,
  },
  /**
   * https://aws.amazon.com/xray/pricing/ and the default rule: the first trace of each second, and 5 % of the
   * others.
   */
  xray: { dollarsPerMillionTraces: 5, sampledShare: 0.05 },
  /**
   * https://aws.amazon.com/kms/pricing/ Kinesis makes a request about every five minutes for each role that
   * writes or reads.
   */
  kms: { dollarsPerKeyMonth: 1, dollarsPerMillionRequests: 3, requestsPerRoleMonth: 8_766 },
  /**
   * https://aws.amazon.com/ec2/pricing/on-demand/ data transfer out to the internet, which the gateway and
   * Lambda charge as well.
   */
  transfer: { dollarsPerGigabyteOut: 0.09 },
  /** https://aws.amazon.com/location/pricing/ trackers, first tier. */
  locationTracker: { dollarsPerMillionPositions: 50 },
} as const;

export const HOURS_PER_MONTH = 730;
export const GIGABYTE = 2 ** 30;
