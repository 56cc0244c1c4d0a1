import { describe, expect, it } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import { aloneInProcess } from "../lease/one-at-a-time.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { startEventSource } from "./event-source.ts";
import type { StreamReader } from "./stream-reader.ts";
import { TRIGGER, textsOf } from "./testing.ts";
import { MemoryLog } from "./testing-log.ts";

const setUp = (of: (reader: StreamReader) => StreamReader = (reader) => reader) => {
  const time = new VirtualTime(1_000_000);
  const log = new MemoryLog(["p"], 1n);
  const checkpoints = memoryCheckpointStore();
  const sharing = { ...aloneInProcess(), clocks: { monotonic: time.now, wall: time.now } };
  const taken: string[] = [];
  const start = () =>
    startEventSource({
      clock: time.now,
      sleep: time.sleep,
      functionName: "f",
      trigger: TRIGGER,
      reader: of(log.reader()),
      checkpoints,
      sharing,
      invoke: async (_, event) => {
        taken.push(...textsOf(event));
      },
      onFailure: async () => {},
    });
  const put = (texts: readonly string[]) => {
    for (const text of texts) log.put("p", "key", text);
  };
  return { time, log, checkpoints, taken, start, put };
};
const OLD = Array.from({ length: 20 }, (_, index) => `old ${index}`);
const NEW = ["new 0", "new 1", "new 2", "new 3", "new 4"];

describe("finding 11: a stream made anew under its name", () => {
  it("is read from its first record by an event source that starts with the old stream's checkpoints", async () => {
    const { time, log, checkpoints, taken, start, put } = setUp();
    put(OLD);
    await time.run(
      (async () => {
        const first = start();
        await time.sleep(2_000);
        await first.close();
        const saved = { streamCreatedAtMs: 1_000, sequenceNumber: "20", finished: false };
        expect(await checkpoints.load()).toEqual(new Map([["p", saved]]));

        log.makeAnew(2_000, 1n);
        put(NEW);
        const second = start();
        await time.sleep(2_000);
        await second.close();
      })(),
    );
    expect(taken).toEqual([...OLD, ...NEW]);
  });

  it("is read from its first record by an event source that runs while it happens", async () => {
    const { time, log, taken, start, put } = setUp();
    put(OLD);
    await time.run(
      (async () => {
        const source = start();
        await time.sleep(2_000);
        log.makeAnew(2_000, 1n);
        put(NEW);
        await time.sleep(10_000);
        await source.close();
      })(),
    );
    expect(taken).toEqual([...OLD, ...NEW]);
  });

  it("loses records where a stream is told from another by its name alone, so that these tests would notice", async () => {
    const { time, log, taken, start, put } = setUp((reader) => ({ ...reader, createdAtMs: async () => 0 }));
    put(OLD);
    await time.run(
      (async () => {
        const source = start();
        await time.sleep(2_000);
        log.makeAnew(2_000, 1n);
        put(NEW);
        await time.sleep(10_000);
        await source.close();
      })(),
    );
    expect(taken).toEqual(OLD);
  });
});
