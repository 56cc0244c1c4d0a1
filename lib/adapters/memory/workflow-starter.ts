import type { WorkflowStarter } from "../../core/workflow/workflow-starter.ts";

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
