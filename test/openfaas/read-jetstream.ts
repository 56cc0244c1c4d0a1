import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { JetStreamConnection } from "../../lib/adapters/jetstream/connection.ts";
import { partitionKeyOfHeaders } from "../../lib/adapters/jetstream/record.ts";

export interface StoredRecord {
  readonly sequence: number;
  readonly subject: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Every record that a stream holds, in its order. */
export const readJetStream = async ({
  connected,
  streamName,
}: JetStreamConnection): Promise<StoredRecord[]> => {
  const { client, manager } = await connected();
  const { state } = await manager.streams.info(streamName);
  const found: StoredRecord[] = [];
  if (state.messages === 0) return found;
  const { name } = await manager.consumers.add(streamName, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
  });
  const consumer = await client.consumers.get(streamName, name);
  while ((found.at(-1)?.sequence ?? 0) < state.last_seq) {
    // Batches of large records would be more than the server sends to a slow client.
    for await (const { seq, subject, headers, data } of await consumer.fetch({
      max_messages: 200,
      expires: 1_000,
    })) {
      found.push({ sequence: seq, subject, partitionKey: partitionKeyOfHeaders(headers), data });
    }
  }
  await manager.consumers.delete(streamName, name);
  return found;
};
