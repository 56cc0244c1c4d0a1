import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kinesisStreamReader } from "../../../engines/event-source/kinesis-stream-reader.ts";
import { ANY_CREDENTIALS } from "../../../engines/server/access-key.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { startKinesis } from "../kinesis/server.ts";
import { followStream } from "./follow-stream.ts";

let server: Awaited<ReturnType<typeof startKinesis>>;
let client: KinesisClient;
beforeAll(async () => {
  server = await startKinesis();
  client = new KinesisClient(localClientSettings(server.endpoint, ANY_CREDENTIALS));
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const createStream = async (StreamName: string, ShardCount: number): Promise<void> => {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await waitUntilStreamExists({ client, maxWaitTime: 5, minDelay: 0.01, maxDelay: 0.05 }, { StreamName });
};

const put = (StreamName: string, PartitionKey: string, text: string) =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(text) }));

/** Follows in the background and collects what it sees. */
const collect = async (streamName: string) => {
  const seen: string[] = [];
  let wanted = { count: Number.POSITIVE_INFINITY, isThere: () => {} };
  const stop = new AbortController();
  const ready = Promise.withResolvers<void>();
  const ended = followStream(kinesisStreamReader(client, { streamName, streamArn: streamName }), {
    signal: stop.signal,
    onReady: ready.resolve,
    async onRecords(records) {
      seen.push(...records.map(({ data }) => Buffer.from(data).toString()));
      if (seen.length >= wanted.count) wanted.isThere();
    },
  });
  ended.catch(ready.reject);
  await ready.promise;
  return {
    seen,
    /** Resolves when it has seen so many records. */
    until: (count: number) =>
      new Promise<void>((isThere) => {
        if (seen.length >= count) isThere();
        wanted = { count, isThere };
      }),
    async end() {
      stop.abort();
      await ended;
    },
  };
};

test("it sees what comes from now on, on every shard, in each device's order", async () => {
  await createStream("many-shards", 3);
  for (const device of ["a", "b", "c", "d"]) await put("many-shards", device, "before");
  const { seen, until, end } = await collect("many-shards");
  for (let count = 0; count < 5; count++) {
    for (const device of ["a", "b", "c", "d"]) await put("many-shards", device, `${device}${count}`);
  }
  await until(20);
  expect(seen).toHaveLength(20);
  for (const device of ["a", "b", "c", "d"]) {
    expect(seen.filter((text) => text.startsWith(device))).toEqual(
      [0, 1, 2, 3, 4].map((count) => `${device}${count}`),
    );
  }
  await end();
});

test("it follows a shard that is split into its children", async () => {
  await createStream("to-split", 1);
  const { seen, until, end } = await collect("to-split");
  await put("to-split", "a", "parent");
  await client.send(
    new SplitShardCommand({
      StreamName: "to-split",
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  await waitUntilStreamExists(
    { client, maxWaitTime: 5, minDelay: 0.01, maxDelay: 0.05 },
    { StreamName: "to-split" },
  );
  await put("to-split", "a", "child");
  await put("to-split", "b", "child");
  await until(3);
  expect(seen).toEqual(["parent", "child", "child"]);
  await end();
});

test("a stream that is not there is an error", async () => {
  await expect(collect("nowhere")).rejects.toThrow();
});
