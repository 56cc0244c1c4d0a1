import { SFNClient } from "@aws-sdk/client-sfn";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { FunctionError, type Invoke } from "../invoke-function.ts";
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
