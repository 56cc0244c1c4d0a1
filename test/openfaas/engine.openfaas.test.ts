import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, test } from "vitest";
import { scheduleTarget, workflowArn } from "../../infra/engine/names.ts";
import { startDynamodb } from "../../infra/store/embedded/server.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../../lib/adapters/jetstream/position-stream.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { type Call, type CountingHost, startCountingHost } from "../engine/counting-host.ts";
import {
  ENGINE_CREDENTIALS,
  ENGINE_TOKEN,
  type EngineProcess,
  secretsFolder,
  startEngineProcess,
} from "../engine/engine-process.ts";
import { startNatsServer, WITHOUT_NATS } from "../nats-server.ts";
import { until } from "../stack-process.ts";
import { unless } from "../unless.ts";

/*
 * Real processes of the engine on one store, which call a host of functions that counts. Nothing depends on
 * how long something takes: each step waits for what the step before it leads to.
 */

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const LONG = { deadlineMs: 60_000, everyMs: 50 };

const world = async (work: (call: Call) => Promise<unknown>) => {
  const store = await startDynamodb();
  cleanUps.push(() => store.close());
  const host = await startCountingHost(work);
  cleanUps.push(() => host.close());
  const secrets = secretsFolder();
  cleanUps.push(() => secrets.remove());
  const start = async (environment: Readonly<Record<string, string>> = {}): Promise<EngineProcess> => {
    const engine = await startEngineProcess({
      environment: {
        AWS_ENDPOINT_URL_DYNAMODB: store.endpoint,
        FUNCTIONS_URL: host.url,
        SECRETS_FOLDER: secrets.path,
        ENGINE_ROLES: "workflows,schedules",
        ENGINE_LEASE_SECONDS: "1",
        ...environment,
      },
    });
    cleanUps.push(
      () => engine.child.exitCode === null && engine.child.signalCode === null && engine.end("SIGKILL"),
    );
    return engine;
  };
  return { host, start };
};

const sfnAt = ({ endpoint }: EngineProcess): SFNClient => {
  const client = new SFNClient({ endpoint, region: "us-east-1", credentials: ENGINE_CREDENTIALS });
  cleanUps.push(() => client.destroy());
  return client;
};

const isReady = async (engine: EngineProcess, query = ""): Promise<boolean> =>
  (await engine.readiness(query)).status === 200;
const whenReady = (engine: EngineProcess, query = ""): Promise<boolean> =>
  until(
    () => isReady(engine, query),
    (ready) => ready,
    LONG,
  );

const replayOf = (replayId: string) => ({
  stateMachineArn: workflowArn("replay"),
  name: replayId,
  input: JSON.stringify({ tenant: DEFAULT_TENANT, replayId }),
});

const statusOf = async (client: SFNClient, name: string, workflow: "replay" | "average-speed" = "replay") => {
  const executionArn = workflowArn(workflow).replace("stateMachine", "execution");
  const { status } = await client.send(
    new DescribeExecutionCommand({ executionArn: `${executionArn}:${name}` }),
  );
  return status;
};

const whenEnded = (client: SFNClient, name: string, workflow?: "replay" | "average-speed") =>
  until(
    () => statusOf(client, name, workflow),
    (status) => status !== "RUNNING",
    LONG,
  );

const countByInput = ({ calls }: CountingHost, field: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { event } of calls) counts[`${event[field]}`] = (counts[`${event[field]}`] ?? 0) + 1;
  return counts;
};

describe("two engines", () => {
  test("the one that stands by answers for both, and when the active one is killed goes on without doing anything twice", async () => {
    const { host, start } = await world(async () => ({ status: "DONE" }));
    const one = await start();
    await whenReady(one, "?role=workflows");
    await whenReady(one, "?role=schedules");
    const two = await start();
    await whenReady(two);
    expect((await two.readiness()).body).toMatchObject({
      ready: true,
      roles: { workflows: "standby", schedules: "standby" },
      store: "ok",
    });
    expect((await two.readiness("?role=workflows")).status).toBe(503);

    // All of it is asked of the one that stands by. They wait long enough for the other to be killed
    // meanwhile.
    const client = sfnAt(two);
    const names = Array.from({ length: 8 }, (_, index) => `task-${index}`);
    const endMs = Date.now() + 12_000;
    const endsAt = new Date(endMs).toISOString();
    for (const name of names) {
      const input = { tenant: DEFAULT_TENANT, taskId: name, windowEndsAt: endsAt };
      const stateMachineArn = workflowArn("average-speed");
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    }
    const { functionArn, roleArn } = scheduleTarget("replays");
    const schedules = new SchedulerClient({
      endpoint: two.endpoint,
      region: "us-east-1",
      credentials: ENGINE_CREDENTIALS,
    });
    cleanUps.push(() => schedules.destroy());
    await schedules.send(
      new CreateScheduleCommand({
        GroupName: "replays",
        Name: "once",
        ScheduleExpression: `at(${endsAt.slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: functionArn, RoleArn: roleArn, Input: '{"taskId":"scheduled"}' },
      }),
    );
    const metrics = await until(
      () => one.metrics(),
      (text) => text.includes('backtrack_role_active{role="workflows"} 1'),
      LONG,
    );
    expect(metrics).toContain('backtrack_role_active{role="schedules"} 1');
    const listed = await client.send(
      new ListExecutionsCommand({ stateMachineArn: workflowArn("average-speed") }),
    );
    expect(listed.executions?.map(({ status }) => status)).toEqual(names.map(() => "RUNNING"));

    expect(host.calls).toEqual([]);
    expect(await one.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
    await whenReady(two, "?role=workflows");
    await whenReady(two, "?role=schedules");
    for (const name of names) expect(await whenEnded(client, name, "average-speed")).toBe("SUCCEEDED");
    await until(
      async () => host.calls.length,
      (count) => count > names.length,
      LONG,
    );
    // Long enough for a second run of anything to show.
    await sleep(1_500);
    expect(countByInput(host, "taskId")).toEqual(
      Object.fromEntries([...names, "scheduled"].map((name) => [name, 1])),
    );
    expect(new Set(host.calls.map(({ token }) => token))).toEqual(new Set([ENGINE_TOKEN]));
  });

  test("a call in flight when its engine is killed is made once more, by the other one, and no more", async () => {
    let answer: (result: unknown) => void = () => {};
    const { host, start } = await world(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const one = await start();
    await whenReady(one, "?role=workflows");
    const two = await start();
    await whenReady(two);
    const client = sfnAt(two);
    await client.send(new StartExecutionCommand(replayOf("interrupted")));
    await until(
      async () => host.calls.length,
      (count) => count === 1,
      LONG,
    );
    await one.end("SIGKILL");
    await until(
      async () => host.calls.length,
      (count) => count === 2,
      LONG,
    );
    answer({ status: "finished" });
    expect(await whenEnded(client, "interrupted")).toBe("SUCCEEDED");
    expect(host.calls).toHaveLength(2);
  });

  test("the one that stands by stops an execution of the active one", async () => {
    const { host, start } = await world(() => new Promise(() => {}));
    const one = await start();
    await whenReady(one, "?role=workflows");
    const two = await start();
    await whenReady(two);
    const { executionArn } = await sfnAt(one).send(new StartExecutionCommand(replayOf("stopped")));
    await until(
      async () => host.calls.length,
      (count) => count === 1,
      LONG,
    );
    await sfnAt(two).send(new StopExecutionCommand({ executionArn }));
    expect(await statusOf(sfnAt(one), "stopped")).toBe("ABORTED");
  });

  test("SIGTERM lets the call in flight end, keeps its result, and hands over at once", async () => {
    const answers: ((result: unknown) => void)[] = [];
    const { host, start } = await world(() => new Promise((resolve) => answers.push(resolve)));
    const one = await start({ ENGINE_DRAIN_SECONDS: "60", ENGINE_LEASE_SECONDS: "30" });
    await whenReady(one, "?role=workflows");
    const two = await start({ ENGINE_LEASE_SECONDS: "30" });
    await whenReady(two);
    const client = sfnAt(two);
    await client.send(new StartExecutionCommand(replayOf("handed-over")));
    await until(
      async () => host.calls.length,
      (count) => count === 1,
      LONG,
    );

    const ended = one.end("SIGTERM");
    await until(async () => (await one.readiness()).body.draining, Boolean, LONG);
    // The lease is held as long as the call is in flight, and the API is served.
    expect((await two.readiness("?role=workflows")).status).toBe(503);
    expect(await statusOf(sfnAt(one), "handed-over")).toBe("RUNNING");
    answers[0]({ status: "playing" });
    expect(await ended).toEqual({ code: 0, signal: null });

    // A lease of 30 s would not have ended by itself before the test does.
    await until(
      async () => host.calls.length,
      (count) => count === 2,
      { deadlineMs: 25_000, everyMs: 50 },
    );
    answers[1]({ status: "finished" });
    expect(await whenEnded(client, "handed-over")).toBe("SUCCEEDED");
    expect(host.calls).toHaveLength(2);
  });

  test("a second SIGTERM ends an engine at once", async () => {
    const { host, start } = await world(() => new Promise(() => {}));
    const one = await start({ ENGINE_DRAIN_SECONDS: "3600" });
    await whenReady(one, "?role=workflows");
    await sfnAt(one).send(new StartExecutionCommand(replayOf("endless")));
    await until(
      async () => host.calls.length,
      (count) => count === 1,
      LONG,
    );
    one.child.kill("SIGTERM");
    await until(async () => (await one.readiness()).body.draining, Boolean, LONG);
    expect(await one.end("SIGTERM")).toEqual({ code: 130, signal: null });
  });
});

describe("an engine that can't work says why, and ends", () => {
  test.each([
    ["tables that it may not make", { ENGINE_CREATE: "no" }, "backtrack-claims"],
    [
      "no token",
      { SECRETS_FOLDER: "/nonexistent" },
      "secret backtrack-invoke-token is missing in /nonexistent",
    ],
    ["an unknown role", { ENGINE_ROLES: "bridge,cook" }, "'bridge,cook' from env 'ENGINE_ROLES' is invalid"],
    ["an address of another machine", { ENGINE_HOST: "192.0.2.1" }, "can't listen at 192.0.2.1:0"],
    ["no folder", { ENGINE_ROLES: "inbox" }, "INBOX_FOLDER is not set"],
  ])("%s", async (_, environment, words) => {
    const { start } = await world(async () => null);
    await expect(start(environment)).rejects.toThrow(words);
  });
});

describe("the bridge", unless(WITHOUT_NATS), () => {
  test("its lag grows while the function is away, and goes when it is back", async () => {
    let isAway = true;
    const { host, start } = await world(async () => {
      if (isAway) throw new Error("away");
      return { batchItemFailures: [] };
    });
    const nats = await startNatsServer();
    cleanUps.push(() => nats.close());
    const folder = mkdtempSync(join(tmpdir(), "backtrack-engine-"));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const engine = await start({
      ENGINE_ROLES: "bridge",
      POSITIONS_STREAM: nats.address(),
      POSITIONS_PARTITIONS: "2",
    });
    await whenReady(engine);
    const jetstream = openJetStream(nats.address());
    cleanUps.push(() => jetstream.close());
    const publish = (count: number) =>
      jetStreamPositionStream(jetstream)(DEFAULT_TENANT).publish(
        Array.from({ length: count }, (_, index) => ({ deviceId: `van-${index}`, data: Buffer.from("{}") })),
      );
    const lagOf = async (name: string): Promise<number> => {
      const lines = (await engine.metrics()).split("\n").filter((line) => line.startsWith(`${name}{`));
      return lines
        .map((line) => Number(line.slice(line.lastIndexOf(" "))))
        .reduce((sum, each) => sum + each, 0);
    };
    await publish(5);
    await until(
      () => lagOf("backtrack_lag_records"),
      (lag) => lag === 5,
      LONG,
    );
    await until(
      async () => host.calls.length,
      (count) => count > 0,
      LONG,
    );
    const early = await until(
      () => lagOf("backtrack_lag_seconds"),
      (lag) => lag > 0,
      LONG,
    );
    await publish(7);
    await until(
      () => lagOf("backtrack_lag_records"),
      (lag) => lag === 12,
      LONG,
    );
    await until(
      () => lagOf("backtrack_lag_seconds"),
      (lag) => lag > early,
      LONG,
    );

    expect(await engine.metrics()).toMatch(
      /backtrack_calls_total\{function="track-devices",outcome="unreachable"\} \d/,
    );
    isAway = false;
    await until(
      () => lagOf("backtrack_lag_records"),
      (lag) => lag === 0,
      LONG,
    );
    expect(await lagOf("backtrack_lag_seconds")).toBe(0);
    expect(await engine.metrics()).toContain('backtrack_records_total{function="track-devices"} 12');

    await nats.stop();
    await until(
      async () => (await engine.readiness()).status,
      (status) => status === 503,
      LONG,
    );
    await until(
      () => engine.metrics(),
      (text) => text.includes("backtrack_stream_up 0"),
      LONG,
    );
    expect((await fetch(`${engine.operationsEndpoint}/healthz`)).status).toBe(200);
    await nats.restart();
    await whenReady(engine);
  });
});
