import { randomUUID } from "node:crypto";
import { type Answer, type EngineResponse, serve } from "../server/http-server.ts";
import { ApiError } from "./api-error.ts";
import { type ExecutionStore, forgetfulExecutionStore } from "./execution-store.ts";
import { Executions } from "./executions.ts";
import { operations } from "./operations.ts";
import { StateMachines, type StateMachinesOptions } from "./state-machines.ts";

/*
 * What this project uses of the Step Functions API, on one machine: an unmodified @aws-sdk/client-sfn talks to it. It runs ASL in
 * JSONPath with the interpreter of aws-local-stepfunctions, refuses definitions that the interpreter would run otherwise than AWS
 * does, and calls Lambda functions through `Invoke`.
 *
 * With a store, executions outlive the process: one that was running goes on in the state it was in, whose work is done again (at least
 * once, as everywhere here), and a Wait waits only for what is left of it. Retries are counted anew.
 *
 * It serves StartExecution, DescribeExecution, StopExecution and ListExecutions. State machines are given by whoever starts it. Waiting
 * and time limits reach up to 24.8 days.
 */

export interface StartStepFunctionsOptions extends StateMachinesOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Requests that do not name it are refused; without one everybody is served. */
  readonly accessKeyId?: string;
  /** Without one, executions end with the process. */
  readonly store?: ExecutionStore;
  /** How many finished executions are remembered; 1,000 by default. */
  readonly maximumFinished?: number;
  /** Told of what goes wrong with the store. */
  readonly onError?: (message: string, error: unknown) => void;
}

export interface StepFunctions {
  readonly endpoint: string;
  /** Cuts the work in flight. What runs stays RUNNING in the store. */
  close(): Promise<void>;
}

const TARGET = "AWSStepFunctions.";

/** Rejects with an error that names the workflow when a definition can't be run here. */
export const startStepFunctions = async (options: StartStepFunctionsOptions): Promise<StepFunctions> => {
  const { clock, maximumFinished = 1_000, onError = () => {}, store = forgetfulExecutionStore } = options;
  const machines = new StateMachines(options);
  const executions = new Executions({ clock, store, maximumFinished, onError });
  const answer = answerApi(operations(machines, executions), onError);
  // Before anybody can ask: a name that was taken must be known as taken.
  await executions.restore((arn) => machines.find(arn));
  const server = await serve(answer, { port: options.port, accessKeyId: options.accessKeyId }).catch(
    async (error) => {
      await executions.close();
      throw error;
    },
  );
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    await server.close();
    await executions.close();
  };
  return {
    endpoint: server.endpoint,
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
};

/** AWS JSON 1.0: the operation in a header, parameters and result as JSON, an error's name in `__type`. */
const answerApi = (
  byName: ReturnType<typeof operations>,
  onError: (message: string, error: unknown) => void,
): Answer => {
  return async ({ method, headers, body }) => {
    const target = String(headers["x-amz-target"] ?? "");
    const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : "";
    try {
      if (method !== "POST" || !Object.hasOwn(byName, name)) {
        throw new ApiError("UnknownOperationException", `Unknown operation: ${target || "none"}`);
      }
      return respond(200, await byName[name](parseBody(body)));
    } catch (error) {
      if (error instanceof ApiError) return respond(400, { __type: error.name, message: error.message });
      onError(`${name} failed`, error);
      return respond(500, { __type: "InternalFailure", message: "Internal failure" });
    }
  };
};

const parseBody = (body: Buffer): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body.toString() || "{}");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Told below, like any other body that is not an object.
  }
  throw new ApiError("SerializationException", "The body is not a JSON object");
};

const respond = (status: number, body: object): EngineResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() },
  body: JSON.stringify(body),
});
