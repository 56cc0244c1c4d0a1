import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { FunctionDefinition } from "./definition.ts";
import { FAILURE_METRICS, METRIC_NAMESPACE } from "./metric-names.ts";

/** Figures of one function: what happened to positions and requests, which no service metric shows. */
export interface FunctionMetrics {
  /** Written at once, in CloudWatch's embedded metric format; figures of 0 are left out. */
  count(counts: Readonly<Record<string, number>>): void;
}

/** Set by Lambda: the version that runs, or `$LATEST`. */
const VERSION_VARIABLE = "AWS_LAMBDA_FUNCTION_VERSION";

/**
 * Writes nothing if `POWERTOOLS_METRICS_DISABLED` is true, as on a developer's machine and in tests. Failures
 * are counted a second time under the function's version, so that a deployment is judged by what its own
 * version does.
 */
export const functionMetrics = ({ name }: FunctionDefinition): FunctionMetrics => {
  const metrics = new Metrics({
    namespace: METRIC_NAMESPACE,
    serviceName: process.env.POWERTOOLS_SERVICE_NAME || "backtrack",
    defaultDimensions: { function: name },
  });
  const write = (counts: readonly (readonly [string, number])[], version?: string): void => {
    if (counts.length === 0) return;
    // An empty set is the default dimensions alone; each set is a metric of its own.
    if (version) metrics.addDimensions({}).addDimensions({ version });
    for (const [metric, count] of counts) metrics.addMetric(metric, MetricUnit.Count, count);
    metrics.publishStoredMetrics();
  };
  return {
    count: (counts) => {
      const happened = Object.entries(counts).filter(([, count]) => count > 0);
      write(happened.filter(([metric]) => !FAILURE_METRICS.has(metric)));
      write(
        happened.filter(([metric]) => FAILURE_METRICS.has(metric)),
        process.env[VERSION_VARIABLE],
      );
    },
  };
};
