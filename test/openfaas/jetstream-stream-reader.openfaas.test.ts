import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { jetstreamStreamReader } from "../../engines/event-source/jetstream-stream-reader.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { openPositionsStream } from "../../lib/adapters/jetstream/positions-stream.ts";
import {
  headersOf,
  partitionIdOf,
  partitionNumberOf,
  subjectOf,
} from "../../lib/adapters/jetstream/record.ts";
import { streamReaderContract, waitingReaderContract } from "../contracts/stream-reader.contract.ts";
import { type NatsServer, startNatsServer, WITHOUT_NATS } from "../nats-server.ts";
import { unless } from "../unless.ts";

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/positions";

describe("jetstreamStreamReader", unless(WITHOUT_NATS), () => {
  let server: NatsServer;
  let streams = 0;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server?.close());

  const make = async () => {
    const jetstream = openJetStream(server.address(`stream${streams++}`));
    onTestFinished(() => jetstream.close());
    const { streamName } = jetstream;
    const create = () => openPositionsStream(jetstream, { partitionCount: 2 });
    await create();
    let messages = 0;
    const connected = await jetstream.connected();
    const { client, manager } = connected;
    const [a, b] = [partitionIdOf(0), partitionIdOf(1)];
    const reader = jetstreamStreamReader(jetstream, { streamArn: ARN });
    return {
      reader,
      a,
      b,
      manager,
      streamName,
      create,
      async put(partitionId: string, text: string): Promise<string> {
        const headers = headersOf("van.7/ä", `${messages++}`);
        const subject = subjectOf(streamName, partitionNumberOf(partitionId));
        return String((await client.publish(subject, text, { headers })).seq);
      },
      /** The server forgets its consumers, as when they were not asked for a minute. */
      async outwait(): Promise<void> {
        for await (const { name } of manager.consumers.list(streamName)) {
          await manager.consumers.delete(streamName, name);
        }
      },
      textsAfter: async (after: string): Promise<string[]> => {
        const { records } = await reader.read(a, { after }, 100);
        return records.map(({ data }) => Buffer.from(data).toString());
      },
    };
  };
  streamReaderContract("jetstreamStreamReader", make);
  waitingReaderContract("jetstreamStreamReader", make);

  it("gives back the key as it was", async () => {
    const { reader, a, put } = await make();
    await put(a, "one");
    expect((await reader.read(a, "oldest", 1)).records[0].partitionKey).toBe("van.7/ä");
  });

  it("reads on from the oldest that there is, where the head of the log is gone", async () => {
    const { a, put, textsAfter, reader, manager, streamName } = await make();
    for (let number = 1; number <= 9; number++) await put(a, `${number}`);
    expect((await reader.read(a, "oldest", 2)).records).toHaveLength(2);
    await manager.streams.purge(streamName, { seq: 6 });
    expect(await textsAfter("2")).toEqual(["6", "7", "8", "9"]);
    expect((await reader.read(a, "oldest", 1)).records[0].sequenceNumber).toBe("6");
    await manager.streams.purge(streamName);
    expect(await textsAfter("2")).toEqual([]);
    await put(a, "10");
    expect(await textsAfter("2")).toEqual(["10"]);
  });

  it("rejects while the server is away, and reads on when it is back", async () => {
    const { a, put, textsAfter, reader } = await make();
    for (const text of ["1", "2", "3"]) await put(a, text);
    expect(await textsAfter("1")).toEqual(["2", "3"]);
    const waiting = reader.waitForMore?.(a, { after: "3" }, 60_000, new AbortController().signal);
    const broken = expect(waiting).rejects.toThrow();
    await server.kill();
    await broken;
    await expect(textsAfter("3")).rejects.toThrow();
    await server.restart();
    await expect.poll(() => textsAfter("2"), { timeout: 20_000 }).toEqual(["3"]);
    await put(a, "4");
    expect(await textsAfter("3")).toEqual(["4"]);
  });

  it("never reads on in a stream that was made anew, before it was looked at", async () => {
    const { a, put, textsAfter, reader, manager, streamName, create } = await make();
    for (const text of ["1", "2", "3"]) await put(a, text);
    const createdAtMs = await reader.createdAtMs();
    expect(await textsAfter("1")).toEqual(["2", "3"]);
    await manager.streams.delete(streamName);
    await create();
    for (const text of ["new 1", "new 2", "new 3", "new 4"]) await put(a, text);
    await expect(textsAfter("3")).rejects.toThrow("was made anew");
    await expect(textsAfter("1")).rejects.toThrow("was made anew");
    expect(await reader.createdAtMs()).toBeGreaterThan(createdAtMs);
    expect(await textsAfter("3")).toEqual(["new 4"]);
  });

  it("rejects where the server has lost what was read", async () => {
    const { a, put, textsAfter } = await make();
    for (const text of ["1", "2", "3"]) await put(a, text);
    await expect(textsAfter("5")).rejects.toThrow("ends at 3 but was read up to 5");
    expect(await textsAfter("3")).toEqual([]);
  });

  it("refuses the numbers of another kind of stream, and names of partitions that it can't have", async () => {
    const { reader, a } = await make();
    const kinesis = { after: "49590338271490256608559692538361571095921575989136588898" };
    await expect(reader.read(a, kinesis, 1)).rejects.toThrow("is not a sequence number of JetStream");
    await expect(reader.read("shardId-000000000000", "oldest", 1)).rejects.toThrow("shardId-000000000000");
  });
});
