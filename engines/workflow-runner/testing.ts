import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { sleep } from "../../lib/adapters/sleep.ts";
import { FunctionError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
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

/** A store whose changes a test can wait for. */
export interface WatchedStore extends ExecutionStore {
  /** Resolves as soon as an execution is kept as it is wanted. */
  until(executionArn: string, isWanted: (record: ExecutionRecord) => boolean): Promise<ExecutionRecord>;
  /** Resolves when an execution is removed from now on, or was. */
  untilRemoved(executionArn: string): Promise<void>;
}

export const watched = (store: ExecutionStore): WatchedStore => {
  const watchers = new Set<(record: ExecutionRecord) => void>();
  const removed = new Map<string, PromiseWithResolvers<void>>();
  const removalOf = (executionArn: string): PromiseWithResolvers<void> => {
    const removal = removed.get(executionArn) ?? Promise.withResolvers();
    removed.set(executionArn, removal);
    return removal;
  };
  const told = async (record: ExecutionRecord, kept: Promise<boolean>): Promise<boolean> => {
    const isKept = await kept;
    if (isKept) for (const watcher of [...watchers]) watcher(record);
    return isKept;
  };
  return {
    ...store,
    create: (record, token) => told(record, store.create(record, token)),
    save: (record, token) => told(record, store.save(record, token)),
    end: (record) => told(record, store.end(record)),
    async remove(executionArn) {
      await store.remove(executionArn);
      removalOf(executionArn).resolve();
    },
    untilRemoved: (executionArn) => removalOf(executionArn).promise,
    until: (executionArn, isWanted) =>
      new Promise((resolve, reject) => {
        const watcher = (record: ExecutionRecord): void => {
          if (record.executionArn !== executionArn || !isWanted(record)) return;
          watchers.delete(watcher);
          resolve(record);
        };
        watchers.add(watcher);
        store.get(executionArn).then((record) => record && watcher(record), reject);
      }),
  };
};

export const open = async (
  workflows: Record<string, object>,
  { store = watched(memoryExecutionStore()), ...more }: Partial<Options> = {},
) => {
  const server = await start(workflows, { store, ...more });
  const client = clientOf(server);
  closers.push(server.close, () => client.destroy());
  /** What the API says of an execution once it has ended. */
  const ended = async (machine: string, name: string) => {
    await store.until(executionArnOf(machine, name), ({ status }) => status !== "RUNNING");
    return look(client, machine, name);
  };
  return { client, server, store, ended };
};

type Options = StartStepFunctionsOptions & { readonly store: WatchedStore };

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
