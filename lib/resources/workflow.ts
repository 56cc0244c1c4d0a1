import { defineKind, type ElementOf, screaming } from "./kind.ts";

/**
 * Each is workflows/<name>.asl.json with `${<FunctionName>FunctionArn}` placeholders, and belongs to a room.
 */
const DECLARED = ["replay", "average-speed", "import-recording", "erase-device"] as const;

export type WorkflowName = (typeof DECLARED)[number];
export const WORKFLOWS: readonly WorkflowName[] = DECLARED;

export interface UsesWorkflows {
  /** Granted to start, and named to the function as `<NAME>_WORKFLOW_ARN`. */
  readonly starts?: readonly WorkflowName[];
}

export interface WorkflowEnvironment<D extends UsesWorkflows> {
  readonly workflow: (name: ElementOf<D["starts"]>) => string;
}

/** `average-speed` -> `AVERAGE_SPEED_WORKFLOW_ARN`. */
export const workflowVariable = (workflow: WorkflowName): string => `${screaming(workflow)}_WORKFLOW_ARN`;

export const workflowKind = defineKind({
  name: "workflow",
  uses: ({ starts = [] }: UsesWorkflows) => starts.map((name): [WorkflowName, "start"] => [name, "start"]),
  variables: (name) => ({ [workflowVariable(name)]: "arn" }),
  permissions: () => [{ actions: ["states:StartExecution"], on: "arn" }],
  local: (name, { arn }) => ({ arn: arn("states", `stateMachine:${name}`) }),
  read: (variable): WorkflowEnvironment<UsesWorkflows> => ({
    workflow: (name) => variable(workflowVariable(name)),
  }),
});
