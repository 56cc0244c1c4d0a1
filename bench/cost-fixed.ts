import { synthesize } from "../test/aws/synthesize.ts";
import { HOURS_PER_MONTH, PRICES } from "./prices.ts";
import type { BenchTable } from "./report.ts";

/** The parts of the stack that cost a fixed sum per month, counted in its template. */
export interface FixedThings {
  /** The metrics that alarms watch: an alarm that watches three costs as much as three. */
  readonly alarms: number;
  readonly dashboards: number;
  readonly keys: number;
  /** Our own metrics that are written while all is well, and the event source mappings' optional metrics. */
  readonly metrics: number;
  readonly resources: number;
}

/** PositionsAccepted. The others are written when something happens, and cost money only for those hours. */
const OWN_METRICS = 1;
/**
 * What Lambda writes for a stream's EventCount: polled, filtered, invoked, failed, dropped, and delivered to
 * the destination.
 */
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

/** Dollars per month for everything that runs under any load, without the stream. */
export const fixedDollars = (things: FixedThings): Readonly<Record<string, number>> => {
  const { cloudwatch, kms } = PRICES;
  // The roles that write to the stream, and those that read it.
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
    // An alarm costs money even without data; a metric only while it has data.
    return STREAMS.map(([name, perHour]) => {
      const stream = perHour * HOURS_PER_MONTH;
      const cents = [stream, dollars.alarms, dollars.dashboard, 0, dollars.key, stream + sum(dollars)].map(
        inCents,
      );
      return [stage, name, ...cents, things.resources];
    });
  }),
  notes: [
    "Alarms, dashboards and keys are counted in the synthesised template. CloudWatch's free tier (10 alarms, 3 dashboards) is not subtracted.",
  ],
});

const inCents = (dollars: number): number => Math.round(dollars * 100) / 100;
