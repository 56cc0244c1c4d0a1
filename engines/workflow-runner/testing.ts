import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect } from "vitest";
import { sleep } from "../../lib/adapters/sleep.ts";
import { FunctionError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { type StartStepFunctionsOptions, type StepFunctions, startStepFunctions } from "./server.ts";

/* What the tests of the workflows share. */

export const arnOf = (functionName: string): string =>
  `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`;
export const machineArn = (name: string): string =>
  `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
export const executionArnOf = (machine: string, name: string): string =>
  `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;

/** Functions by name, as a host would run them: what they throw arrives as a FunctionError. */
export const functions =
  (byName: Record<string, (event: never, signal?: AbortSignal) => unknown>): Invoke =>
  async (name, event, signal) => {
    try {
      return (await byName[name](event as never, signal)) ?? null;
    } catch (error) {
      if (!(error instanceof Error) || signal?.aborted) throw error;
      if (error.name === "HostUnreachableError") throw error;
      throw new FunctionError(error.name, error.message, ["at function"]);
    }
  };

export const named = (name: string, message = ""): Error => Object.assign(new Error(message), { name });

/** An unmodified SDK client of a server. */
export const clientOf = ({ endpoint }: StepFunctions): SFNClient =>
  new SFNClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });

export const start = (
  workflows: Record<string, object>,
  more: Partial<StartStepFunctionsOptions> = {},
): Promise<StepFunctions> =>
  startStepFunctions({
    region: "us-east-1",
    account: "000000000000",
    workflows: Object.entries(workflows).map(([name, definition]) => ({
      name,
      definition: JSON.stringify(definition),
    })),
    invoke: functions({}),
    clock: Date.now,
    sleep,
    ...more,
  });

/** A definition of one or more states, the first of which it starts with. */
export const statesOf = (States: Record<string, object>): { StartAt: string; States: object } => ({
  StartAt: Object.keys(States)[0],
  States,
});

/** What a test has opened. */
export const closers: (() => unknown)[] = [];
/** For afterEach: the last opened closes first. */
export const closeAll = async (): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};

export const open = async (
  workflows: Record<string, object>,
  more: Partial<StartStepFunctionsOptions> = {},
): Promise<{ client: SFNClient; server: StepFunctions }> => {
  const server = await start(workflows, more);
  const client = clientOf(server);
  closers.push(server.close, () => client.destroy());
  return { client, server };
};

export const WAIT = statesOf({
  Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Done" },
  Done: { Type: "Succeed" },
});
export const CALL = statesOf({ Call: { Type: "Task", Resource: arnOf("f"), End: true } });

export const begin = (client: SFNClient, machine: string, name?: string, input: object = { seconds: 60 }) =>
  client.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) }),
  );
export const look = (client: SFNClient, machine: string, name: string) =>
  client.send(new DescribeExecutionCommand({ executionArn: executionArnOf(machine, name) }));
export const ended = async (client: SFNClient, machine: string, name: string) => {
  await expect
    .poll(async () => (await look(client, machine, name)).status, { timeout: 10_000 })
    .not.toBe("RUNNING");
  return look(client, machine, name);
};
