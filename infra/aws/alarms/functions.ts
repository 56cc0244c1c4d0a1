import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import {
  METRIC_NAMESPACE,
  type MetricDimensions,
  RECORDS_FAILED,
  REQUESTS_FAILED,
} from "../../../lib/runtime/metric-names.ts";
import type { BacktrackFunction } from "../function.ts";
import { rootStackOf } from "../names.ts";
import { expressionOf, FIVE_MINUTES, MINUTE, sumOf, type Watch } from "./watch.ts";

/** A metric that the function writes itself. */
export const ownMetric = (
  fn: BacktrackFunction,
  metricName: string,
  { period = FIVE_MINUTES, ofVersion = false } = {},
): IMetric => {
  const dimensions: MetricDimensions = {
    service: rootStackOf(fn).stackName,
    function: fn.definition.name,
    ...(ofVersion && fn.alias && { version: fn.alias.version.version }),
  };
  return sumOf(METRIC_NAMESPACE, metricName, dimensions, period);
};

/** Failures that a bad version of the function would report, and that Lambda counts as successes. */
const failureMetricOf = ({ definition: { routes, stream } }: BacktrackFunction): string | undefined => {
  if (routes?.length) return REQUESTS_FAILED;
  return stream ? RECORDS_FAILED : undefined;
};

/**
 * Lambda's errors (it crashed, threw or timed out), and what the function itself counted as failed. It rolls
 * a canary back, so there it watches only the new version, and one failure is enough: a new version gets a
 * tenth of the calls for five minutes.
 */
export const failuresOf = (fn: BacktrackFunction): Watch => {
  const { name } = fn.definition;
  const errors = fn.entry.metricErrors({ statistic: "Sum", period: MINUTE });
  const failed = failureMetricOf(fn);
  return {
    name: `${name}-errors`,
    tells: failed
      ? `${name} failed, or reported failures (${failed}): its log says why`
      : `${name} failed: its log says why`,
    metric: failed
      ? expressionOf(
          "FILL(errors,0)+FILL(failed,0)",
          { errors, failed: ownMetric(fn, failed, { period: MINUTE, ofVersion: true }) },
          MINUTE,
        )
      : errors,
  };
};

/**
 * Refused calls of any function in the account: all draw from one pool, so it does not matter much which one
 * was refused, and one metric for all costs as much a month as one for each would.
 */
export const THROTTLED: Watch = {
  name: "throttled-functions",
  tells:
    "Calls of functions were refused: the account runs as many at once as it may. The quota can be raised",
  metric: sumOf("AWS/Lambda", "Throttles", {}),
};
