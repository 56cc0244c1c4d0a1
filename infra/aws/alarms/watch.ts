import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";

/** One thing that somebody must hear of. */
export interface Watch {
  readonly name: string;
  /** What happened, and where to look. */
  readonly tells: string;
  readonly metric: IMetric;
  /** The value from which on it rings; 1 unless told. */
  readonly from?: number;
  /** It rings from this value on down instead. */
  readonly downFrom?: number;
  /** For how many periods on end; 1 unless told. */
  readonly periods?: number;
  /** Of those periods, how many must be bad; all unless told. */
  readonly badPeriods?: number;
  /** What a period without data means. Unless told: nothing happened, so nothing is wrong. */
  readonly missing?: TreatMissingData;
}

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
export const TEN_MINUTES = Duration.minutes(10);

/** No data says nothing: what rang goes on ringing, and what was quiet stays quiet. */
export const KEEP_STATE = TreatMissingData.IGNORE;
export const NO_DATA_IS_BAD = TreatMissingData.BREACHING;

export const sumOf = (
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  period = FIVE_MINUTES,
): Metric => new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, period });

/** A count of an event source mapping; there is a metric where the mapping's settings ask for it. */
export const mappingMetric = (mappingId: string, metricName: string): Metric =>
  sumOf("AWS/Lambda", metricName, { EventSourceMappingUUID: mappingId });

/** An expression over metrics by their names in it. A metric without data is none to it, so each needs its FILL. */
export const expressionOf = (
  expression: string,
  usingMetrics: Record<string, IMetric>,
  period = FIVE_MINUTES,
): MathExpression => new MathExpression({ expression, usingMetrics, period });

/** CloudWatch takes so many metrics in one alarm. */
const MAXIMUM_METRICS = 10;

/** All metrics together, as few expressions as can hold them. An alarm for each would use up the stack's room for resources. */
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

/** The same watch for each of several expressions, numbered where there are several. */
export const watchEach = (metrics: readonly IMetric[], watch: Omit<Watch, "metric">): Watch[] =>
  metrics.map((metric, index) => ({
    ...watch,
    name: metrics.length === 1 ? watch.name : `${watch.name}-${index + 1}`,
    metric,
  }));
