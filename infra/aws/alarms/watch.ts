import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";

/** One thing that somebody has to know about. */
export interface Watch {
  readonly name: string;
  /** What happened, and where to look. */
  readonly tells: string;
  readonly metric: IMetric;
  /** It goes off at this value and above; default 1. */
  readonly from?: number;
  /** It goes off at this value and below instead. */
  readonly downFrom?: number;
  /** For how many consecutive periods; default 1. */
  readonly periods?: number;
  /** How many of those periods must be bad; default: all. */
  readonly badPeriods?: number;
  /** What a period without data means. Default: nothing happened, so nothing is wrong. */
  readonly missing?: TreatMissingData;
}

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
export const TEN_MINUTES = Duration.minutes(10);

/** No data says nothing: an alarm keeps its state. */
export const KEEP_STATE = TreatMissingData.IGNORE;
export const NO_DATA_IS_BAD = TreatMissingData.BREACHING;

export const sumOf = (
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  period = FIVE_MINUTES,
): Metric => new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, period });

/** A count of an event source mapping; the mapping's settings turn the metric on. */
export const mappingMetric = (mappingId: string, metricName: string): Metric =>
  sumOf("AWS/Lambda", metricName, { EventSourceMappingUUID: mappingId });

/** An expression over metrics by name. To it a metric without data does not exist, so each needs its FILL. */
export const expressionOf = (
  expression: string,
  usingMetrics: Record<string, IMetric>,
  period = FIVE_MINUTES,
): MathExpression => new MathExpression({ expression, usingMetrics, period });

/** CloudWatch allows this many metrics in one alarm. */
const MAXIMUM_METRICS = 10;

/**
 * All metrics in as few expressions as possible. An alarm for each would use up the stack's limit of
 * resources.
 */
export const together = (metrics: readonly IMetric[], period = FIVE_MINUTES): IMetric[] => {
  const groups = Array.from({ length: Math.ceil(metrics.length / MAXIMUM_METRICS) }, (_, group) =>
    metrics.slice(group * MAXIMUM_METRICS, (group + 1) * MAXIMUM_METRICS),
  );
  return groups.map((group) => {
    const named = group.map((metric, index): [string, IMetric] => [`m${index}`, metric]);
    const expression = named.map(([id]) => `FILL(${id},0)`).join("+");
    return expressionOf(expression, Object.fromEntries(named), period);
  });
};

/**
 * The same watch for each expression. The second one has a 2 to its name: the first keeps its name when more
 * come.
 */
export const watchEach = (metrics: readonly IMetric[], watch: Omit<Watch, "metric">): Watch[] =>
  metrics.map((metric, index) => ({
    ...watch,
    name: index === 0 ? watch.name : `${watch.name}-${index + 1}`,
    metric,
  }));
