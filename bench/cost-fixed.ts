import { synthesize } from "../test/aws/synthesize.ts";
import { HOURS_PER_MONTH, PRICES } from "./prices.ts";
import type { BenchTable } from "./report.ts";

/** What the stack has that is paid by the month, counted in its template. */
export interface FixedThings {
  /** The metrics that alarms watch: one that watches three is paid as three. */
  readonly alarms: number;
  readonly dashboards: number;
  readonly keys: number;
  /** Metrics of our own that are written while all is well, and those of event source mappings that were asked for. */
  readonly metrics: number;
  readonly resources: number;
}

/** PositionsAccepted; the others are written when something happens, and paid by the hour then. */
const OWN_METRICS = 1;
/** What Lambda writes for EventCount of a stream: polled, filtered, invoked, failed, dropped, and delivered to the destination. */
const METRICS_PER_MAPPING = 6;

const watchedMetrics = ({
  Metrics,
}: {
  readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
}): number => (Metrics ? Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1);

export const fixedThings = (options: Readonly<Record<string, string>>): FixedThings => {
  const { template, resourcesOf } = synthesize(options);
  const count = (type: string): number => resourcesOf(type).length;
  const mappings = resourcesOf("AWS::Lambda::EventSourceMapping").filter(
    ([, { Properties }]) => Properties.MetricsConfig !== undefined,
  );
  return {
    alarms: resourcesOf("AWS::CloudWatch::Alarm").reduce(
      (sum, [, { Properties }]) => sum + watchedMetrics(Properties),
      0,
    ),
    dashboards: count("AWS::CloudWatch::Dashboard"),
    keys: count("AWS::KMS::Key"),
    metrics: OWN_METRICS + mappings.length * METRICS_PER_MAPPING,
    resources: Object.keys(template.Resources).length,
  };
};

/** Dollars of a month for what is there whatever comes, without the stream. */
export const fixedDollars = (things: FixedThings): Readonly<Record<string, number>> => {
  const { cloudwatch, kms } = PRICES;
  // Who writes to the stream, and who reads.
  const keyRequests = 2 * kms.requestsPerRoleMonth;
  return {
    alarms: things.alarms * cloudwatch.dollarsPerAlarmMonth,
    dashboard: things.dashboards * cloudwatch.dollarsPerDashboardMonth,
    metrics: things.metrics * cloudwatch.dollarsPerMetricMonth,
    key: things.keys * kms.dollarsPerKeyMonth + (keyRequests / 1e6) * kms.dollarsPerMillionRequests,
  };
};

export const sum = (dollars: Readonly<Record<string, number>>): number =>
  Object.values(dollars).reduce((total, each) => total + each, 0);

const { dollarsPerShardHour, extendedRetentionDollarsPerShardHour, onDemand } = PRICES.kinesis;
const STREAMS: readonly (readonly [string, number])[] = [
  ["1 shard, 24 hours", dollarsPerShardHour],
  ["1 shard, 168 hours", dollarsPerShardHour + extendedRetentionDollarsPerShardHour],
  ["2 shards, 24 hours", 2 * dollarsPerShardHour],
  ["on demand, the default", onDemand.dollarsPerStreamHour],
];

/** A month in which nothing happens. */
export const idleTable = (stages: Readonly<Record<string, FixedThings>>): BenchTable => ({
  name: "An idle month, dollars",
  columns: [
    "stage",
    "stream",
    "$ stream",
    "$ alarms",
    "$ dashboard",
    "$ metrics",
    "$ key",
    "$ total",
    "resources",
  ],
  rows: Object.entries(stages).flatMap(([stage, things]) => {
    const { metrics: _, ...dollars } = fixedDollars(things);
    // An alarm is paid whether its metric comes or not; metrics only while they come.
    return STREAMS.map(([name, perHour]) => {
      const stream = perHour * HOURS_PER_MONTH;
      const cents = [stream, dollars.alarms, dollars.dashboard, 0, dollars.key, stream + sum(dollars)].map(
        inCents,
      );
      return [stage, name, ...cents, things.resources];
    });
  }),
  notes: [
    "Alarms, dashboards and keys are counted in the synthesised template. CloudWatch's free tier (10 alarms, 3 dashboards) is not taken off.",
  ],
});

const inCents = (dollars: number): number => Math.round(dollars * 100) / 100;
