import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import type { WorkflowStarter } from "../../core/workflow/workflow-starter.ts";
import { executionInput, executionNameOf } from "../execution.ts";

export interface StartedExecution {
  readonly workflow: string;
  readonly executionName: string;
  readonly input: unknown;
}

/** A workflow service in memory that only keeps what it was asked to start, each execution once. */
export interface MemoryWorkflowStarter extends WorkflowStarter {
  readonly started: readonly StartedExecution[];
}

export const memoryWorkflowStarter = (): MemoryWorkflowStarter => {
  const started: StartedExecution[] = [];
  return {
    started,
    async start(workflow, executionName, input) {
      const known = started.some(
        (execution) => execution.workflow === workflow && execution.executionName === executionName,
      );
      // Through JSON, because that is what a workflow gets: no undefined, no class instances.
      if (!known) started.push({ workflow, executionName, input: JSON.parse(JSON.stringify(input)) });
    },
  };
};

/**
 * The workflow service of all tenants in memory, by the names and with the inputs that the real one is given.
 */
export const memoryWorkflowStarters = (): {
  readonly of: OfTenant<WorkflowStarter>;
  readonly started: readonly StartedExecution[];
} => {
  const all = memoryWorkflowStarter();
  const of: OfTenant<WorkflowStarter> = (tenant) => ({
    start: (workflow, executionName, input) =>
      all.start(workflow, executionNameOf(tenant, executionName), executionInput(tenant, input)),
  });
  return { of, started: all.started };
};
