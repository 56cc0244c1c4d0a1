import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  ValidationException,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import { begin, CALL, closeAll, look, machineArn, open, start, WAIT } from "./testing.ts";

afterEach(closeAll);

describe("Step Functions API: what it refuses", () => {
  it("does not start with a workflow that can't be run here as on AWS, and names it", async () => {
    await expect(start({ wait: WAIT, call: { ...CALL, QueryLanguage: "JSONata" } })).rejects.toThrow(
      /^workflow call: .*QueryLanguage JSONata is not supported here/,
    );
  });

  it("refuses what is wrong with AWS's own errors", async () => {
    const { client, server } = await open({ wait: WAIT });
    await expect(begin(client, "none")).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    await expect(look(client, "wait", "none")).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    await expect(begin(client, "wait", "a b")).rejects.toBeInstanceOf(InvalidName);
    await expect(begin(client, "wait", "x".repeat(81))).rejects.toBeInstanceOf(ValidationException);
    await expect(
      client.send(new DescribeExecutionCommand({ executionArn: machineArn("wait") })),
    ).rejects.toBeInstanceOf(InvalidArn);
    const stateMachineArn = machineArn("wait");
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn, input: "{" })),
    ).rejects.toBeInstanceOf(InvalidExecutionInput);
    const large = JSON.stringify("ü".repeat(140_000));
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn, input: large })),
    ).rejects.toBeInstanceOf(ValidationException);

    const raw = async (target: string, body: string) => {
      const headers = { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" };
      const response = await fetch(server.endpoint, { method: "POST", headers, body });
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    expect(await raw("AWSStepFunctions.Dance", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await raw("AWSStepFunctions.CreateStateMachine", "{}")).toEqual([
      400,
      "UnknownOperationException",
    ]);
    expect(await raw("AWSStepFunctions.toString", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await raw("AWSStepFunctions.StartExecution", "{}")).toEqual([400, "ValidationException"]);
    expect(await raw("AWSStepFunctions.ListExecutions", '{"x":1}')).toEqual([400, "ValidationException"]);
    expect(await raw("AWSStepFunctions.ListExecutions", "[]")).toEqual([400, "SerializationException"]);
  });
});
