/**
 * List prices in us-east-1, US dollars, as published by AWS between 2024 and 2026; taken down on 2026-11-20. Without free
 * tiers, discounts, or what a stream or table costs while it is idle (a Kinesis stream on demand: $0.04 an hour).
 */
export const PRICES = {
  asOf: "2026-11-20",
  region: "us-east-1",
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamodb: { dollarsPerMillionWriteUnits: 0.625, dollarsPerMillionReadUnits: 0.125 },
  /** https://aws.amazon.com/kinesis/data-streams/pricing/ on demand; each record counts as whole kilobytes. */
  kinesis: { dollarsPerGigabyteIn: 0.08, recordIncrementBytes: 1024 },
  /** https://aws.amazon.com/lambda/pricing/ arm64. */
  lambda: { dollarsPerMillionRequests: 0.2, dollarsPerGigabyteSecond: 0.0000133334 },
  /** https://aws.amazon.com/location/pricing/ trackers, first tier. */
  locationTracker: { dollarsPerMillionPositions: 50 },
} as const;
