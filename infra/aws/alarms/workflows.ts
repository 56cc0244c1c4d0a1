import type { Workflow } from "../workflow.ts";
import { FIVE_MINUTES, type Watch } from "./watch.ts";

/** Executions of a workflow that fail. */
export const watchWorkflow = ({ name, stateMachine }: Workflow): Watch[] => {
  const options = { statistic: "Sum", period: FIVE_MINUTES };
  return [
    {
      name: `${name}-failures`,
      tells: `An execution of the workflow ${name} failed`,
      metric: stateMachine.metricFailed(options),
    },
    {
      name: `${name}-timeouts`,
      tells: `An execution of the workflow ${name} timed out`,
      metric: stateMachine.metricTimedOut(options),
    },
  ];
};
