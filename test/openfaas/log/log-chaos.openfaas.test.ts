import { afterEach, describe, expect, it } from "vitest";
import { memoryCheckpointStore } from "../../../engines/event-source/checkpoint-store.ts";
import { type EventSource, startEventSource } from "../../../engines/event-source/event-source.ts";
import { jetstreamStreamReader } from "../../../engines/event-source/jetstream-stream-reader.ts";
import { MACHINE_CLOCKS } from "../../../engines/lease/clocks.ts";
import { memoryLeaseStore } from "../../../engines/lease/lease-store.ts";
import trackDevices from "../../../functions/ingest/track-devices/definition.ts";
import { openJetStream } from "../../../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../../../lib/adapters/jetstream/position-stream.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { startNatsServer, WITHOUT_NATS } from "../../nats-server.ts";
import { until } from "../../stack-process.ts";
import { unless } from "../../unless.ts";
import { type Cuttable, cuttable } from "./cuttable.ts";
import { dataOf, openTrackedLog, putAll, recordsOf, STREAM_ARN } from "./tracked-log.ts";

const PARTITIONS = 4;
const DEVICES = 200;
/** Of each device: some are there before reading begins, the others come while things go wrong. */
const [ROUNDS_BEFORE, ROUNDS_MEANWHILE] = [220, 30];
const ROUNDS = ROUNDS_BEFORE + ROUNDS_MEANWHILE;

describe("reading JetStream while connections break and the server is killed", unless(WITHOUT_NATS), () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** Two readers of every partition; 50,000 records. */
  const play = async (hasLeases: boolean) => {
    const server = await startNatsServer();
    closers.push(server.close);
    const log = await openTrackedLog(server, PARTITIONS);
    closers.push(log.close);
    await putAll(log.jetstream, PARTITIONS, recordsOf(DEVICES, ROUNDS_BEFORE));

    const checkpoints = memoryCheckpointStore();
    const leases = memoryLeaseStore();
    let handled = 0;
    const start = (owner: string, connections: Cuttable): EventSource => {
      const jetstream = openJetStream(server.address().replace(`:${server.port}/`, `:${connections.port}/`));
      const source = startEventSource({
        functionName: "track-devices",
        trigger: trackDevices.stream ?? expect.unreachable(),
        reader: jetstreamStreamReader(jetstream, { streamArn: STREAM_ARN }),
        checkpoints,
        sharing: { store: hasLeases ? leases : memoryLeaseStore(), owner, clocks: MACHINE_CLOCKS },
        async invoke(_, event) {
          const answer = await log.handle(event);
          handled += (event as { Records: unknown[] }).Records.length;
          return answer;
        },
        onFailure: async ({ reason }) => expect.unreachable(reason),
        clock: Date.now,
        sleep,
      });
      closers.push(async () => {
        await source.close();
        await jetstream.close();
      });
      return source;
    };
    const roads = [await cuttable(server.port), await cuttable(server.port)];
    closers.push(...roads.map((road) => () => road.close()));
    const [first] = [start("one", roads[0]), start("two", roads[1])];

    const blows: (() => unknown)[] = [
      () => roads[0].cut(),
      () => server.restart(),
      () => roads[1].cut(),
      async () => {
        await first.close(0);
        start("three", roads[0]);
      },
      () => roads.map((road) => road.cut()),
      () => server.restart(),
    ];
    const total = DEVICES * ROUNDS;
    const fall = async (): Promise<void> => {
      for (const [index, strike] of blows.entries()) {
        const due = (total * (index + 1)) / (blows.length + 2);
        await until(
          () => handled,
          (count) => count >= due,
          { deadlineMs: 60_000, everyMs: 5 },
        );
        await strike();
      }
    };
    const publish = async (): Promise<void> => {
      const stream = jetStreamPositionStream(log.jetstream)(DEFAULT_TENANT);
      for (let round = ROUNDS_BEFORE; round < ROUNDS; round++) {
        const records = recordsOf(DEVICES, 1, round);
        const outgoing = records.map((each) => ({
          deviceId: each.deviceId,
          data: Buffer.from(dataOf(each)),
        }));
        // As a device does: what was not confirmed is sent again.
        await until(
          () => stream.publish(outgoing).then(() => true),
          (isSent) => isSent,
          { deadlineMs: 60_000 },
        );
      }
    };
    await Promise.all([fall(), publish()]);
    await until(
      () => log.trackedCount(DEVICES),
      (count) => count >= total,
      { deadlineMs: 60_000 },
    );
    return log.faults(DEVICES, ROUNDS);
  };

  it("loses nothing, doubles nothing and keeps the order with leases", async () => {
    expect(await play(true)).toEqual({ lost: 0, doubled: 0, late: 0 });
  });

  it("loses nothing, doubles nothing and keeps the order without leases", async () => {
    expect(await play(false)).toEqual({ lost: 0, doubled: 0, late: 0 });
  });
});
