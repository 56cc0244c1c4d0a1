import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { afterEach, expect, test } from "vitest";
import { localClientSettings } from "../../infra/engine/clients.ts";
import {
  eventbridgeReplayScheduler,
  eventbridgeScheduleRemover,
} from "../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { replaySchedulerContract } from "../../test/contracts/replay-scheduler.contract.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { FunctionError, HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { ANY_CREDENTIALS } from "../server/access-key.ts";
import { memoryScheduleStore } from "./memory-schedule-store.ts";
import { type Scheduler, startScheduler } from "./server.ts";

const TARGET = {
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:start-scheduled-replay",
  roleArn: "arn:aws:iam::000000000000:role/local",
  deadLettersArn: "arn:aws:sqs:us-east-1:000000000000:replays-dead-letters",
  keyArn: "arn:aws:kms:us-east-1:000000000000:key/local",
};

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const setUp = async (
  start = "2026-11-20T12:00:00Z",
  time = new VirtualTime(start, { turns: 3 }),
  store = memoryScheduleStore(),
) => {
  const delivered: { functionName: string; event: unknown; at: string }[] = [];
  const errors: string[] = [];
  const state: { fail?: () => Error | undefined } = {};
  const invoke: Invoke = async (functionName, event) => {
    delivered.push({ functionName, event, at: new Date(time.now()).toISOString() });
    const error = state.fail?.();
    if (error) throw error;
    return {};
  };
  const open = async (): Promise<{ scheduler: Scheduler; client: SchedulerClient }> => {
    const scheduler = await startScheduler({
      region: "us-east-1",
      account: "000000000000",
      groups: ["replays"],
      store,
      invoke,
      clock: time.now,
      sleep: time.sleep,
      onError: (message, error) => errors.push(`${message}: ${error}`),
    });
    const client = new SchedulerClient(localClientSettings(scheduler.endpoint, ANY_CREDENTIALS));
    cleanUps.push(async () => {
      client.destroy();
      await scheduler.close();
    });
    return { scheduler, client };
  };
  return { ...(await open()), open, time, store, delivered, errors, state };
};

const input = (
  expression: string,
  overrides: Partial<CreateScheduleCommandInput> = {},
): CreateScheduleCommandInput => ({
  GroupName: "replays",
  Name: "nightly",
  ScheduleExpression: expression,
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: TARGET.functionArn,
    RoleArn: TARGET.roleArn,
    Input: JSON.stringify({
      time: "<aws.scheduler.scheduled-time>",
      arn: "<aws.scheduler.schedule-arn>",
      attempt: "<aws.scheduler.attempt-number>",
      other: "<aws.scheduler.nothing>",
    }),
    RetryPolicy: { MaximumEventAgeInSeconds: 3_600 },
  },
  ...overrides,
});
const timesOf = (delivered: readonly { event: unknown }[]): string[] =>
  delivered.map(({ event }) => (event as { time: string }).time);

replaySchedulerContract("eventbridgeReplayScheduler", async () => {
  const scheduler = await startScheduler({
    region: "us-east-1",
    account: "000000000000",
    groups: ["replays"],
    store: memoryScheduleStore(),
    invoke: async () => ({}),
    clock: () => Date.parse("2026-11-20T12:00:00Z"),
    sleep,
  });
  const client = new SchedulerClient(localClientSettings(scheduler.endpoint, ANY_CREDENTIALS));
  cleanUps.push(async () => {
    client.destroy();
    await scheduler.close();
  });
  return (tenant) => ({
    ...eventbridgeReplayScheduler(client, "replays", TARGET)(tenant),
    ...eventbridgeScheduleRemover(client, "replays")(tenant),
  });
});

test("a function is called when it is time, with the scheduler's words filled in", async () => {
  const { client, time, delivered } = await setUp();
  await client.send(new CreateScheduleCommand(input("cron(0/30 * * * ? *)")));
  await time.passUntil("2026-11-20T12:29:59Z");
  expect(delivered).toEqual([]);
  await time.passUntil("2026-11-20T13:05:00Z");
  expect(timesOf(delivered)).toEqual(["2026-11-20T12:30:00Z", "2026-11-20T13:00:00Z"]);
  expect(delivered[0]).toEqual({
    functionName: "start-scheduled-replay",
    at: "2026-11-20T12:30:00.000Z",
    event: {
      time: "2026-11-20T12:30:00Z",
      arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/replays/nightly",
      attempt: "1",
      other: "<aws.scheduler.nothing>",
    },
  });
});

test("a rate runs at its start date and a period after it, again and again", async () => {
  const { client, time, delivered } = await setUp();
  const StartDate = new Date("2026-11-20T12:05:00Z");
  await client.send(new CreateScheduleCommand(input("rate(10 minutes)", { StartDate })));
  await time.passUntil("2026-11-20T12:26:00Z");
  expect(timesOf(delivered)).toEqual([
    "2026-11-20T12:05:00Z",
    "2026-11-20T12:15:00Z",
    "2026-11-20T12:25:00Z",
  ]);
});

test("one that runs once stays, or goes when it was told to", async () => {
  const { client, time, delivered, store } = await setUp();
  const at = "at(2026-11-20T13:10:00)";
  await client.send(
    new CreateScheduleCommand(input(at, { Name: "stays", ScheduleExpressionTimezone: "Europe/Ljubljana" })),
  );
  await client.send(
    new CreateScheduleCommand(
      input(at, {
        Name: "goes",
        ScheduleExpressionTimezone: "Europe/Ljubljana",
        ActionAfterCompletion: "DELETE",
      }),
    ),
  );
  await time.passUntil("2026-11-21T00:00:00Z");
  expect(timesOf(delivered)).toEqual(["2026-11-20T12:10:00Z", "2026-11-20T12:10:00Z"]);
  expect((await store.list()).map(({ name }) => name)).toEqual(["stays"]);
});

test("a change, a switch off and a deletion hold at once", async () => {
  const { client, time, delivered } = await setUp();
  await client.send(new CreateScheduleCommand(input("cron(0 * * * ? *)")));
  await client.send(new UpdateScheduleCommand(input("cron(15 * * * ? *)")));
  await time.passUntil("2026-11-20T13:10:00Z");
  expect(timesOf(delivered)).toEqual(["2026-11-20T12:15:00Z"]);
  await client.send(new UpdateScheduleCommand(input("cron(15 * * * ? *)", { State: "DISABLED" })));
  await time.passUntil("2026-11-20T14:00:00Z");
  await client.send(new UpdateScheduleCommand(input("cron(15 * * * ? *)")));
  await client.send(new DeleteScheduleCommand({ GroupName: "replays", Name: "nightly" }));
  await time.passUntil("2026-11-20T15:00:00Z");
  expect(delivered).toHaveLength(1);
});

test("a function that fails is tried three times, and the next run comes all the same", async () => {
  const { client, time, delivered, errors, state } = await setUp();
  state.fail = () => new FunctionError("NotFoundError", "no such recording");
  await client.send(new CreateScheduleCommand(input("cron(0 * * * ? *)")));
  await time.passUntil("2026-11-20T13:30:00Z");
  expect(timesOf(delivered)).toEqual(Array.from({ length: 3 }, () => "2026-11-20T13:00:00Z"));
  expect(errors.at(-1)).toBe("schedule nightly, run of 2026-11-20T13:00:00.000Z: Error: given up");
  state.fail = undefined;
  await time.passUntil("2026-11-20T14:00:00Z");
  expect(timesOf(delivered).at(-1)).toBe("2026-11-20T14:00:00Z");
});

test("a call that perhaps ran is tried again within the limit, when no copy of it can be running any more", async () => {
  const { client, time, delivered, state } = await setUp();
  state.fail = () => new PerhapsRanError("the connection broke", 90_000);
  await client.send(new CreateScheduleCommand(input("at(2026-11-20T12:10:00)")));
  await time.passUntil("2026-11-20T13:00:00Z");
  expect(delivered.map(({ at }) => at)).toEqual([
    "2026-11-20T12:10:00.000Z",
    "2026-11-20T12:11:30.000Z",
    "2026-11-20T12:13:00.000Z",
  ]);
});

test("a host that is away costs no attempt, for as long as the run is not too old", async () => {
  const { client, time, delivered, errors, state } = await setUp();
  state.fail = () => new HostUnreachableError("away");
  await client.send(new CreateScheduleCommand(input("at(2026-11-20T12:10:00)")));
  await time.passUntil("2026-11-20T12:40:00Z");
  expect(delivered.length).toBeGreaterThan(20);
  state.fail = undefined;
  await time.passUntil("2026-11-20T12:41:00Z");
  const attempts = delivered.length;
  await time.passUntil("2026-11-20T14:00:00Z");
  expect(delivered).toHaveLength(attempts);
  expect(errors.join()).not.toContain("given up");
});

test("what was not delivered before the end is delivered after a new start, and what was is not", async () => {
  const { client, time, delivered, state, scheduler, open, errors } = await setUp();
  state.fail = () => new HostUnreachableError("away");
  await client.send(new CreateScheduleCommand(input("at(2026-11-20T12:10:00)", { Name: "late" })));
  await time.passUntil("2026-11-20T12:20:00Z");
  await scheduler.close();
  state.fail = undefined;
  delivered.length = 0;
  time.jumpTo("2026-11-20T12:30:00Z");
  const second = await open();
  await time.passUntil("2026-11-20T12:31:00Z");
  expect(timesOf(delivered)).toEqual(["2026-11-20T12:10:00Z"]);
  await second.scheduler.close();
  await open();
  await time.passUntil("2026-11-20T12:40:00Z");
  expect(delivered).toHaveLength(1);
  expect(errors.join()).not.toContain("given up");
});

test("after a long sleep one run is made up for, the newest, unless it is too old", async () => {
  const { client, scheduler, time, delivered, open } = await setUp();
  await client.send(new CreateScheduleCommand(input("cron(0/10 * * * ? *)", { Name: "often" })));
  await client.send(new CreateScheduleCommand(input("at(2026-11-20T12:30:00)", { Name: "once" })));
  await time.passUntil("2026-11-20T12:01:00Z");
  await scheduler.close();
  time.jumpTo("2026-11-20T19:04:00Z");
  await open();
  await time.passUntil("2026-11-20T19:05:00Z");
  expect(timesOf(delivered)).toEqual(["2026-11-20T19:00:00Z"]);
});

test("what the API refuses, it refuses by AWS's names", async () => {
  const { client } = await setUp();
  const refusal = (request: CreateScheduleCommandInput): Promise<string> =>
    client.send(new CreateScheduleCommand(request)).then(
      () => "taken",
      (error) => error.name,
    );
  expect(await refusal(input("rate(5 minutes)"))).toBe("taken");
  expect(await refusal(input("rate(5 minutes)"))).toBe("ConflictException");
  expect(await refusal(input("rate(5 minutes)", { GroupName: "others" }))).toBe("ResourceNotFoundException");
  expect(await refusal(input("every(5 minutes)", { Name: "n" }))).toBe("ValidationException");
  expect(
    await refusal(input("rate(5 minutes)", { Name: "n", ScheduleExpressionTimezone: "Mars/Olympus" })),
  ).toBe("ValidationException");
  expect(
    await refusal(input("rate(5 minutes)", { Name: "n", FlexibleTimeWindow: { Mode: "FLEXIBLE" } })),
  ).toBe("ValidationException");
  await expect(
    client.send(new GetScheduleCommand({ GroupName: "replays", Name: "n" })),
  ).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("what our rules let pass and the scheduler does not is the caller's to mend", async () => {
  const { client } = await setUp();
  const schedules = eventbridgeReplayScheduler(client, "replays", {
    ...TARGET,
    functionArn: "arn:aws:sqs:::q",
  })(DEFAULT_TENANT);
  const refused = schedules.put({
    name: "s1",
    timing: { rate: "5 minutes" },
    timezone: "UTC",
    replay: { recordingId: "r" },
  });
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow("the scheduler refuses it: Target.Arn must be a function's here");
});
