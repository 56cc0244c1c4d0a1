import { DescribeExecutionCommand, ListExecutionsCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { memoryExecutionStore } from "../engines/workflow-runner/memory-execution-store.ts";
import { startStepFunctions } from "../engines/workflow-runner/server.ts";
import { type WatchedStore, watched } from "../engines/workflow-runner/testing.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import { sfnClient } from "../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../lib/adapters/step-functions/workflow-starter.ts";
import { MisconfiguredError, UnavailableError } from "../lib/core/errors.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { type ObservedStarter, workflowStarterContract } from "./contracts/workflow-starter.contract.ts";
import { stubAwsEnvironment } from "./local-aws.ts";

const REGION = "eu-west-1";
const ACCOUNT = "123456789012";
const arnOf = (workflow: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${workflow}`;
const ARNS = { replay: arnOf("replay"), "average-speed": arnOf("average-speed") };

/** Ends at once, or waits longer than a test does. */
const definitionOf = (workflow: string): string =>
  JSON.stringify({
    StartAt: "Only",
    States: {
      Only: workflow === "replay" ? { Type: "Wait", Seconds: 3600, End: true } : { Type: "Pass", End: true },
    },
  });

const startServer = (store: WatchedStore) =>
  startStepFunctions({
    region: REGION,
    account: ACCOUNT,
    workflows: Object.keys(ARNS).map((name) => ({ name, definition: definitionOf(name) })),
    invoke: async (functionName) => {
      throw new Error(`nothing calls ${functionName}`);
    },
    clock: Date.now,
    sleep,
    store,
  });

const closers: (() => Promise<void>)[] = [];
beforeAll(stubAwsEnvironment);
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers) await close();
});

/** A separate server each time, because executions can't be deleted. */
const makeStarter = async (): Promise<
  ObservedStarter & { readonly client: SFNClient; readonly store: WatchedStore }
> => {
  const store = watched(memoryExecutionStore());
  const server = await startServer(store);
  vi.stubEnv("AWS_ENDPOINT_URL_SFN", server.endpoint);
  const client = sfnClient();
  closers.push(async () => {
    client.destroy();
    await server.close();
  });
  const started = async () => {
    const found: Awaited<ReturnType<ObservedStarter["started"]>>[number][] = [];
    for (const [workflow, stateMachineArn] of Object.entries(ARNS)) {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
      for (const { executionArn, name = "" } of executions) {
        const { input = "" } = await client.send(new DescribeExecutionCommand({ executionArn }));
        found.push({ workflow, executionName: name.replace(/^default_/, ""), input: JSON.parse(input) });
      }
    }
    return found;
  };
  return { client, store, starterOf: stepFunctionsStarter(client, ARNS), started };
};

workflowStarterContract("stepFunctionsStarter", makeStarter);

describe("stepFunctionsStarter", () => {
  it("takes an execution that has ended for started", async () => {
    const { client, store, starterOf, started } = await makeStarter();
    const starter = starterOf(DEFAULT_TENANT);
    await starter.start("average-speed", "task-1", { taskId: "task-1" });
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: ARNS["average-speed"] }),
    );
    await store.until(String(executions[0]?.executionArn), ({ status }) => status === "SUCCEEDED");
    await starter.start("average-speed", "task-1", { taskId: "task-1" });
    expect(await started()).toHaveLength(1);
  });

  it("says what is wrong when a workflow has no state machine", async () => {
    const starter = (await makeStarter()).starterOf(DEFAULT_TENANT);
    await expect(starter.start("unheard-of", "x", {})).rejects.toBeInstanceOf(MisconfiguredError);
    const client = sfnClient();
    const elsewhere = stepFunctionsStarter(client, { replay: arnOf("deleted") })(DEFAULT_TENANT);
    await expect(elsewhere.start("replay", "x", {})).rejects.toBeInstanceOf(MisconfiguredError);
    client.destroy();
  });

  it("says unavailable when nobody listens", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:9");
    const client = sfnClient();
    const starter = stepFunctionsStarter(client, ARNS)(DEFAULT_TENANT);
    await expect(starter.start("replay", "x", {})).rejects.toBeInstanceOf(UnavailableError);
    client.destroy();
  });
});
