import {
  DescribeStreamCommand,
  ExpiredIteratorException,
  PutRecordCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll } from "vitest";
import { kinesisStreamReader } from "../engines/event-source/kinesis-stream-reader.ts";
import { toldOfPuts } from "../infra/local/kinesis/put-signal.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import {
  splitStreamContract,
  streamReaderContract,
  waitingReaderContract,
} from "./contracts/stream-reader.contract.ts";
import { type LocalKinesis, startLocalKinesis } from "./local-aws.ts";

let local: LocalKinesis;
beforeAll(async () => {
  local = await startLocalKinesis();
});
afterAll(() => local.close());

const make = async () => {
  const { client } = local;
  const StreamName = await local.makeStream();
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
  const shards = StreamDescription?.Shards ?? [];
  const hashKeys = new Map(
    shards.map(({ ShardId, HashKeyRange }) => [ShardId, HashKeyRange?.StartingHashKey]),
  );
  const [a = "", b = ""] = shards.map(({ ShardId }) => ShardId);
  let isExpired = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        const { StreamName: name } = call.input as { StreamName?: string };
        if (isExpired && commandName === "GetRecordsCommand" && name === undefined) {
          isExpired = false;
          throw new ExpiredIteratorException({ message: "Iterator expired.", $metadata: {} });
        }
        return next(call);
      },
    { step: "initialize" },
  );
  return {
    reader: kinesisStreamReader(client, {
      streamName: StreamName,
      streamArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`,
    }),
    a,
    b,
    async put(partitionId: string, text: string) {
      const Data = Buffer.from(text);
      const ExplicitHashKey = hashKeys.get(partitionId);
      const command = new PutRecordCommand({ StreamName, PartitionKey: "key", ExplicitHashKey, Data });
      return (await client.send(command)).SequenceNumber ?? "";
    },
    async split(partitionId: string) {
      const NewStartingHashKey = String(BigInt(hashKeys.get(partitionId) ?? 0) + 2n ** 100n);
      await client.send(new SplitShardCommand({ StreamName, ShardToSplit: partitionId, NewStartingHashKey }));
      await waitUntilStreamExists({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 }, { StreamName });
    },
    outwait: async () => {
      isExpired = true;
    },
  };
};
streamReaderContract("kinesisStreamReader", make);
splitStreamContract("kinesisStreamReader", make);

const makeTold = async () => {
  const stream = await make();
  return { ...stream, reader: toldOfPuts(stream.reader, local.puts, sleep) };
};
streamReaderContract("toldOfPuts", makeTold);
waitingReaderContract("toldOfPuts", makeTold);
