// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of a definition look like that
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionDoesNotExist,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  ListStateMachinesCommand,
  MissingRequiredParameter,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StateMachineTypeNotSupported,
  UpdateStateMachineCommand,
  ValidationException,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import { begin, CALL, closeAll, functions, look, machineArn, open, WAIT } from "./testing.ts";

afterEach(closeAll);

describe("Step Functions API: state machines and refusals", () => {
  it("creates, describes, updates, lists and deletes state machines", async () => {
    const { client } = await open({ wait: WAIT });
    const machine = {
      name: "made",
      definition: JSON.stringify(CALL),
      roleArn: "arn:aws:iam::000000000000:role/r",
    };
    const { stateMachineArn } = await client.send(new CreateStateMachineCommand(machine));
    expect(stateMachineArn).toBe(machineArn("made"));
    await client.send(new CreateStateMachineCommand(machine));
    const other = client.send(
      new CreateStateMachineCommand({ ...machine, definition: JSON.stringify(WAIT) }),
    );
    await expect(other).rejects.toBeInstanceOf(StateMachineAlreadyExists);
    const jsonata = {
      ...machine,
      name: "x",
      definition: JSON.stringify({ ...CALL, QueryLanguage: "JSONata" }),
    };
    await expect(client.send(new CreateStateMachineCommand(jsonata))).rejects.toBeInstanceOf(
      InvalidDefinition,
    );

    const listed = await client.send(new ListStateMachinesCommand());
    expect(listed.stateMachines?.map(({ name }) => name)).toEqual(["wait", "made"]);
    await expect(client.send(new UpdateStateMachineCommand({ stateMachineArn }))).rejects.toBeInstanceOf(
      MissingRequiredParameter,
    );
    await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(WAIT) }));
    expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
      name: "made",
      status: "ACTIVE",
      type: "STANDARD",
      roleArn: machine.roleArn,
      definition: JSON.stringify(WAIT),
    });
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await expect(client.send(new DescribeStateMachineCommand({ stateMachineArn }))).rejects.toBeInstanceOf(
      StateMachineDoesNotExist,
    );
  });

  it("runs EXPRESS machines synchronously", async () => {
    const invoke = functions({ f: (event) => event });
    const { client } = await open({ call: CALL }, { invoke });
    // The SDK would send it to a host of its own, sync-127.0.0.1.
    client.config.disableHostPrefix = true;
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: "express",
        definition: JSON.stringify(CALL),
        roleArn: "arn:aws:iam::000000000000:role/r",
        type: "EXPRESS",
      }),
    );
    const result = await client.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"n":1}' }));
    expect(result).toMatchObject({ status: "SUCCEEDED", output: '{"n":1}' });
    const standard = new StartSyncExecutionCommand({ stateMachineArn: machineArn("call") });
    await expect(client.send(standard)).rejects.toBeInstanceOf(StateMachineTypeNotSupported);
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
    expect(await raw("AWSStepFunctions.toString", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await raw("AWSStepFunctions.StartExecution", "{}")).toEqual([400, "ValidationException"]);
    expect(await raw("AWSStepFunctions.ListStateMachines", '{"x":1}')).toEqual([400, "ValidationException"]);
    expect(await raw("AWSStepFunctions.ListStateMachines", "[]")).toEqual([400, "SerializationException"]);
  });
});
