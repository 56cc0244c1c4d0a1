import { randomUUID } from "node:crypto";
import { ApiError } from "../server/api-error.ts";
import { type Answer, type EngineResponse, serve } from "../server/http-server.ts";
import { operations } from "./operations.ts";
import { startWorkflowRunner, type WorkflowRunner, type WorkflowRunnerOptions } from "./workflow-runner.ts";

/*
 * What this project uses of the Step Functions API, for an unmodified @aws-sdk/client-sfn. It refuses
 * definitions that the interpreter would run otherwise than AWS does, and calls Lambda functions through
 * `Invoke`. Every process that shares the executions can serve it.
 *
 * It serves StartExecution, DescribeExecution, StopExecution and ListExecutions. State machines are given by
 * whoever starts it. Waiting and time limits reach up to 24.8 days.
 */

export interface StartStepFunctionsOptions extends WorkflowRunnerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Requests that do not name it are refused; without one everybody is served. */
  readonly accessKeyId?: string;
}

export interface StepFunctions {
  readonly endpoint: string;
  /** Cuts the work in flight. What runs stays RUNNING in the store, and another process goes on with it. */
  close(): Promise<void>;
}

const TARGET = "AWSStepFunctions.";

/** The API alone, for a server that serves others beside it. */
export const stepFunctionsApi = (
  { machines, executions }: Pick<WorkflowRunner, "machines" | "executions">,
  onError: (message: string, error: unknown) => void = () => {},
): Answer => answerApi(operations(machines, executions), onError);

/** Rejects with an error that names the workflow when a definition can't be run here. */
export const startStepFunctions = async (options: StartStepFunctionsOptions): Promise<StepFunctions> => {
  const runner = startWorkflowRunner(options);
  const answer = stepFunctionsApi(runner, options.onError);
  const server = await serve(answer, options).catch(async (error) => {
    await runner.close();
    throw error;
  });
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    await Promise.all([server.close(), runner.close()]);
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
