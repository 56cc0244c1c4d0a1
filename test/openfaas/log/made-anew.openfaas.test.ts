import { afterEach, describe, expect, it } from "vitest";
import { memoryCheckpointStore } from "../../../engines/event-source/checkpoint-store.ts";
import { startEventSource } from "../../../engines/event-source/event-source.ts";
import { jetstreamStreamReader } from "../../../engines/event-source/jetstream-stream-reader.ts";
import type { StreamReader } from "../../../engines/event-source/stream-reader.ts";
import { aloneInProcess } from "../../../engines/lease/one-at-a-time.ts";
import trackDevices from "../../../functions/ingest/track-devices/definition.ts";
import { openPositionsStream } from "../../../lib/adapters/jetstream/positions-stream.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { startNatsServer, WITHOUT_NATS } from "../../nats-server.ts";
import { until } from "../../stack-process.ts";
import { unless } from "../../unless.ts";
import { openTrackedLog, putAll, recordsOf, STREAM_ARN } from "./tracked-log.ts";

const DEVICES = 5;
const PARTITIONS = 2;
/** More than before, so that every number comes again. */
const [ROUNDS_BEFORE, ROUNDS_AFTER] = [20, 60];
const DISCOVERY_MILLISECONDS = 200;

describe(
  "a stream of JetStream that is made anew under its name while it is read",
  unless(WITHOUT_NATS),
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });

    const play = async (of: (reader: StreamReader) => StreamReader) => {
      const server = await startNatsServer();
      closers.push(server.close);
      const log = await openTrackedLog(server, PARTITIONS);
      closers.push(log.close);
      const errors: string[] = [];
      let handled = 0;
      const source = startEventSource({
        functionName: "track-devices",
        trigger: trackDevices.stream ?? expect.unreachable(),
        reader: of(jetstreamStreamReader(log.jetstream, { streamArn: STREAM_ARN })),
        checkpoints: memoryCheckpointStore(),
        sharing: aloneInProcess(),
        async invoke(_, event) {
          const answer = await log.handle(event);
          handled += (event as { Records: unknown[] }).Records.length;
          return answer;
        },
        onFailure: async ({ reason }) => expect.unreachable(reason),
        clock: Date.now,
        sleep,
        discoveryMilliseconds: DISCOVERY_MILLISECONDS,
        onError: (message, error) => errors.push(`${message}: ${error}`),
      });
      closers.push(() => source.close());
      const handles = (count: number) =>
        until(
          () => handled,
          (now) => now >= count,
          { deadlineMs: 30_000 },
        );

      const { jetstream } = log;
      const before = recordsOf(DEVICES, ROUNDS_BEFORE);
      await putAll(jetstream, PARTITIONS, before);
      await handles(before.length);
      const { manager } = await jetstream.connected();
      await manager.streams.delete(jetstream.streamName);
      await openPositionsStream(jetstream, { partitionCount: PARTITIONS });
      await putAll(jetstream, PARTITIONS, recordsOf(DEVICES, ROUNDS_AFTER, ROUNDS_BEFORE));
      return { ...log, errors, handles };
    };
    const ROUNDS = ROUNDS_BEFORE + ROUNDS_AFTER;

    it("is read from its first record", async () => {
      const { faults, handles } = await play((reader) => reader);
      await handles(DEVICES * ROUNDS);
      expect(await faults(DEVICES, ROUNDS)).toEqual({ lost: 0, doubled: 0, late: 0 });
    });

    it("loses records where its creation time does not count", async () => {
      const { faults, handles } = await play((reader) => ({
        ...reader,
        createdAtMs: async () => {
          await reader.createdAtMs();
          return 1;
        },
      }));
      // As many as were read before are skipped.
      await handles(DEVICES * (ROUNDS - ROUNDS_BEFORE));
      expect((await faults(DEVICES, ROUNDS)).lost).toBe(DEVICES * ROUNDS_BEFORE);
    });
  },
);
