import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { dynamodbExecutionStore } from "../../engines/workflow-runner/dynamodb-execution-store.ts";
import type { ExecutionStore } from "../../engines/workflow-runner/execution-store.ts";
import { type StepFunctions, startStepFunctions } from "../../engines/workflow-runner/server.ts";
import type { WorkflowRunnerOptions } from "../../engines/workflow-runner/workflow-runner.ts";
import { MANIFEST } from "../../functions/manifest.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import { functionArnPlaceholder } from "../../lib/runtime/definition.ts";
import { functionArn } from "./names.ts";
import { engineTableName } from "./tables.ts";
import { WORKFLOW_DEFINITIONS } from "./workflow-definitions.ts";

export interface WorkflowsOptions {
  readonly dynamodb: DynamoDBClient;
  readonly invoke: Invoke;
  readonly sharing: Sharing;
  readonly say: (line: string) => void;
  /** How long Tasks in flight may take to end when the engine closes; none by default. */
  readonly graceMilliseconds?: number;
}

/** What runs every workflow of this project, with each placeholder replaced by its function. */
export const workflowRunnerOptions = (
  { invoke, sharing, say, graceMilliseconds }: Omit<WorkflowsOptions, "dynamodb">,
  store: ExecutionStore,
): WorkflowRunnerOptions => ({
  region: REGION,
  account: ACCOUNT,
  workflows: WORKFLOWS.map((name) => ({ name, definition: JSON.stringify(WORKFLOW_DEFINITIONS[name]) })),
  placeholders: Object.fromEntries(
    MANIFEST.map(({ name }) => [functionArnPlaceholder(name), functionArn(name)]),
  ),
  invoke,
  clock: Date.now,
  sleep,
  store,
  sharing,
  ...(graceMilliseconds !== undefined && { graceMilliseconds }),
  onError: (message, error) => say(`workflows: ${message}: ${error}`),
});

/** The executions, in a store's table. */
export const executionsIn = (dynamodb: DynamoDBClient, tablePrefix?: string): ExecutionStore =>
  dynamodbExecutionStore(dynamodb, engineTableName("executions", tablePrefix));

/** Runs every workflow and serves its API on 127.0.0.1. */
export const startWorkflows = ({
  port,
  accessKeyId,
  dynamodb,
  ...options
}: WorkflowsOptions & { readonly port: number; readonly accessKeyId: string }): Promise<StepFunctions> =>
  startStepFunctions({ ...workflowRunnerOptions(options, executionsIn(dynamodb)), port, accessKeyId });
