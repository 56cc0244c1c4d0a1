import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { FunctionDefinition } from "./definition.ts";

/** Business figures of one function: what happened to positions, which no service metric can tell. */
export interface FunctionMetrics {
  /** Written at once, as one line in CloudWatch's embedded metric format; figures of 0 are left out. */
  count(counts: Readonly<Record<string, number>>): void;
}

/** Writes nothing where `POWERTOOLS_METRICS_DISABLED` is true, as on a developer's machine and in tests. */
export const functionMetrics = ({ name }: FunctionDefinition): FunctionMetrics => {
  const metrics = new Metrics({
    namespace: "backtrack",
    serviceName: "backtrack",
    defaultDimensions: { function: name },
  });
  return {
    count: (counts) => {
      const happened = Object.entries(counts).filter(([, count]) => count > 0);
      if (happened.length === 0) return;
      for (const [metric, count] of happened) metrics.addMetric(metric, MetricUnit.Count, count);
      metrics.publishStoredMetrics();
    },
  };
};
