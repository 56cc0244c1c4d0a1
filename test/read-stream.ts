import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";

export interface StreamRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAtMs: number;
}

/** Everything on a stream that nobody writes to any more, shard by shard. */
export async function* readStream(client: KinesisClient, StreamName: string): AsyncGenerator<StreamRecord> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  for (const { ShardId } of Shards) {
    const start = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    let { ShardIterator } = await client.send(start);
    while (ShardIterator) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const record of page.Records ?? []) {
        yield {
          partitionKey: record.PartitionKey ?? "",
          data: record.Data ?? new Uint8Array(),
          arrivedAtMs: record.ApproximateArrivalTimestamp?.getTime() ?? Number.NaN,
        };
      }
      ShardIterator = page.Records?.length ? page.NextShardIterator : undefined;
    }
  }
}
