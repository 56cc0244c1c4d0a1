import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { jetstreamStreamReader } from "../../../engines/event-source/jetstream-stream-reader.ts";
import type { Place } from "../../../engines/event-source/stream-reader.ts";
import { kinesisEvent, type SourceRecord } from "../../../hosts/lambda-events/kinesis-event.ts";
import { partitionIdOf, partitionKeyOfHeaders } from "../../../lib/adapters/jetstream/record.ts";
import { startNatsServer, WITHOUT_NATS } from "../../nats-server.ts";
import { unless } from "../../unless.ts";
import { openTrackedLog, putAll, recordsOf, STREAM_ARN } from "./tracked-log.ts";

const DEVICES = 5;
const ROUNDS = 40;
const BATCH = 20;
const ORIGIN = { streamArn: STREAM_ARN, shardId: partitionIdOf(0) };
const ACK_WAIT_MILLISECONDS = 500;

/*
 * Why the stream is read as a log. A consumer that many bridges share hands out what was not acknowledged in
 * time once more, behind what came later. To a device's fence that is old. The same death of one bridge, or
 * the same call that fails once, costs readers of a log nothing.
 */
describe("a shared consumer with acknowledgements", unless(WITHOUT_NATS), () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const setUp = async () => {
    const server = await startNatsServer();
    closers.push(server.close);
    const log = await openTrackedLog(server, 1);
    closers.push(log.close);
    await putAll(log.jetstream, 1, recordsOf(DEVICES, ROUNDS));
    return log;
  };
  type Log = Awaited<ReturnType<typeof setUp>>;
  const faultsOf = (log: Log) => log.faults(DEVICES, ROUNDS);

  const sharedConsumer = async ({ jetstream }: Log): Promise<Consumer> => {
    const { client, manager } = await jetstream.connected();
    await manager.consumers.add(jetstream.streamName, {
      durable_name: "bridges",
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACK_WAIT_MILLISECONDS),
      max_ack_pending: 2 * BATCH,
    });
    return client.consumers.get(jetstream.streamName, "bridges");
  };
  const pull = async (consumer: Consumer): Promise<JsMsg[]> => {
    const batch: JsMsg[] = [];
    const messages = await consumer.fetch({
      max_messages: BATCH,
      expires: 2 * ACK_WAIT_MILLISECONDS + 1_000,
    });
    for await (const message of messages) batch.push(message);
    return batch;
  };
  const call = (log: Log, batch: readonly JsMsg[]) => log.handle(kinesisEvent(batch.map(recordOf), ORIGIN));
  const callAndAck = async (log: Log, batch: readonly JsMsg[]): Promise<void> => {
    expect(await call(log, batch)).toEqual({ batchItemFailures: [] });
    await Promise.all(batch.map((message) => message.ackAck()));
  };
  const drain = async (log: Log, consumer: Consumer): Promise<void> => {
    for (let isAll = false; !isAll; ) {
      await callAndAck(log, await pull(consumer));
      const { num_pending, num_ack_pending } = await consumer.info();
      isAll = num_pending + num_ack_pending === 0;
    }
  };

  it("loses the batch of a bridge that dies while another goes on", async () => {
    const log = await setUp();
    const consumer = await sharedConsumer(log);
    // The first bridge dies with this in its hands.
    expect(await pull(consumer)).toHaveLength(BATCH);
    await drain(log, consumer);
    expect((await faultsOf(log)).lost).toBe(BATCH);
  });

  it("loses the batch of a call that failed once while the next one was under way", async () => {
    const log = await setUp();
    const consumer = await sharedConsumer(log);
    const [failed, next] = [await pull(consumer), await pull(consumer)];
    for (const message of failed) message.nak();
    await callAndAck(log, next);
    await drain(log, consumer);
    expect((await faultsOf(log)).lost).toBe(BATCH);
  });

  it("where a log read by as many, without any lease, loses nothing", async () => {
    const log = await setUp();
    const readers = [1, 2].map(() => jetstreamStreamReader(log.jetstream, { streamArn: STREAM_ARN }));
    const read = async (reader: number, place: Place): Promise<readonly SourceRecord[]> =>
      (await readers[reader].read(ORIGIN.shardId, place, BATCH)).records;
    // One dies with a batch in its hands; the other's first call fails once, and then both calls of each
    // batch.
    expect(await read(0, "oldest")).toHaveLength(BATCH);
    let place: Place = "oldest";
    for (let batch = await read(1, place); batch.length > 0; batch = await read(1, place)) {
      const event = kinesisEvent(batch, ORIGIN);
      await Promise.all([log.handle(event), log.handle(event)]);
      expect(await log.handle(event)).toEqual({ batchItemFailures: [] });
      place = { after: batch[batch.length - 1].sequenceNumber };
    }
    expect(await faultsOf(log)).toEqual({ lost: 0, doubled: 0, late: 0 });
  });
});

const recordOf = ({ seq, headers, data, info }: JsMsg): SourceRecord => ({
  sequenceNumber: String(seq),
  partitionKey: partitionKeyOfHeaders(headers),
  data,
  arrivedAtMs: Math.floor(info.timestampNanos / 1e6),
});
