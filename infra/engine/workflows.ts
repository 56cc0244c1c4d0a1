import { readFileSync } from "node:fs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { dynamodbExecutionStore } from "../../engines/workflow-runner/dynamodb-execution-store.ts";
import { type StepFunctions, startStepFunctions } from "../../engines/workflow-runner/server.ts";
import { MANIFEST } from "../../functions/manifest.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import { functionArnPlaceholder } from "../../lib/runtime/definition.ts";
import { functionArn } from "./names.ts";

/** The executions' own table; no function reads it. */
export const EXECUTIONS_TABLE_NAME = "executions";

export interface WorkflowsOptions {
  readonly port: number;
  readonly accessKeyId: string;
  readonly dynamodb: DynamoDBClient;
  readonly invoke: Invoke;
  readonly sharing: Sharing;
  readonly say: (line: string) => void;
}

/** Serves every workflow, with each placeholder replaced by its function. */
export const startWorkflows = (options: WorkflowsOptions): Promise<StepFunctions> =>
  startStepFunctions({
    port: options.port,
    accessKeyId: options.accessKeyId,
    region: REGION,
    account: ACCOUNT,
    workflows: WORKFLOWS.map((name) => ({
      name,
      definition: readFileSync(new URL(`../../workflows/${name}.asl.json`, import.meta.url), "utf8"),
    })),
    placeholders: Object.fromEntries(
      MANIFEST.map(({ name }) => [functionArnPlaceholder(name), functionArn(name)]),
    ),
    invoke: options.invoke,
    clock: Date.now,
    sleep,
    store: dynamodbExecutionStore(options.dynamodb, EXECUTIONS_TABLE_NAME),
    sharing: options.sharing,
    onError: (message, error) => options.say(`workflows: ${message}: ${error}`),
  });
