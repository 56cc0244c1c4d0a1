import { randomUUID } from "node:crypto";
import { BacktrackError, UnavailableError } from "../../core/errors.ts";
import { partitionOf } from "../../core/stream/partition.ts";
import { partitionKeyOf } from "../../core/stream/partition-key.ts";
import type { OutgoingRecord, PositionStream } from "../../core/stream/position-stream.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { publishInOrder, type SendRecords } from "../publish-in-order.ts";
import { checkRecordSize } from "../record-size.ts";
import type { ConnectedJetStream, JetStreamConnection } from "./connection.ts";
import { isNoResponders, translateNats } from "./errors.ts";
import { StreamLayout } from "./layout.ts";
import { answerUnlessLost } from "./lost.ts";
import { headersOf, subjectOf } from "./record.ts";

/** Nobody answers for this long: the server hangs, or the answer was lost. */
const ANSWER_TIMEOUT_MS = 3_000;
/** Every function that publishes has more time than this and one more answer. */
const LAST_ATTEMPT_AFTER_MS = 8_000;

export interface PublisherOptions {
  readonly patience?: Patience;
  /** Of one publish; its records are numbered behind it. */
  readonly newId?: () => string;
  /** A clock that never goes back, in milliseconds. */
  readonly elapsedMs?: () => number;
}

/** A record with what tells it from any other: the same in every attempt. */
interface IdentifiedRecord extends OutgoingRecord {
  readonly messageId: string;
}

/**
 * The positions stream in JetStream. The partition key is what partitionKeyOf makes of tenant and device, and
 * decides on the partition. An attempt whose answer was lost is repeated under the same message id, by which
 * JetStream knows it. The id is not made of the data: records that are put back look like those that failed.
 */
export const jetStreamPositionStream = (
  jetstream: JetStreamConnection,
  {
    patience = REAL_PATIENCE,
    newId = randomUUID,
    elapsedMs = () => performance.now(),
  }: PublisherOptions = {},
): OfTenant<PositionStream> => {
  const layout = new StreamLayout(jetstream);

  const sendOver = async (
    connected: ConnectedJetStream,
    { deviceId, data, messageId }: IdentifiedRecord,
  ): Promise<BacktrackError | undefined> => {
    const { streamName } = jetstream;
    try {
      const subject = subjectOf(streamName, partitionOf(deviceId, await layout.partitionCount(connected)));
      const highestBefore = layout.highestSequence;
      const sent = connected.client.publish(subject, data, {
        headers: headersOf(deviceId, messageId),
        expect: { streamName },
        timeout: ANSWER_TIMEOUT_MS,
      });
      layout.confirm(await answerUnlessLost(connected.lost, sent), highestBefore);
      return undefined;
    } catch (error) {
      // Perhaps the stream was made anew with fewer partitions.
      if (isNoResponders(error)) layout.forget();
      const failure = translateNats(error, `publish to stream ${streamName}`);
      if (failure instanceof BacktrackError) return failure;
      throw failure;
    }
  };

  const send: SendRecords<IdentifiedRecord> = async (records) => {
    try {
      const connected = await jetstream.connected();
      return await Promise.all(records.map((record) => sendOver(connected, record)));
    } catch (error) {
      if (error instanceof UnavailableError) return records.map(() => error);
      throw error;
    }
  };

  return (tenant) => ({
    async publish(ofTenant) {
      const id = newId();
      const records = ofTenant.map(({ deviceId, data }, index) => ({
        deviceId: partitionKeyOf(tenant, deviceId),
        data,
        messageId: `${id}-${index}`,
      }));
      for (const record of records) checkRecordSize(record);
      await publishInOrder(records, untilLate(send, elapsedMs), patience);
    },
  });
};

/** Gives up on a publish whose attempts have failed for long: who waits for it has a time limit, too. */
const untilLate = (
  send: SendRecords<IdentifiedRecord>,
  elapsedMs: () => number,
): SendRecords<IdentifiedRecord> => {
  let failingSinceMs: number | undefined;
  return async (records) => {
    const startedMs = elapsedMs();
    const failures = await send(records);
    const failure = failures.find((one) => one !== undefined);
    failingSinceMs = failure && (failingSinceMs ?? startedMs);
    if (failingSinceMs !== undefined && elapsedMs() - failingSinceMs > LAST_ATTEMPT_AFTER_MS) throw failure;
    return failures;
  };
};
