import { AckPolicy, DeliverPolicy, type StreamInfo } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { ConnectedJetStream, JetStreamConnection } from "../../lib/adapters/jetstream/connection.ts";
import { answerUnlessLost } from "../../lib/adapters/jetstream/lost.ts";
import {
  partitionIdOf,
  partitionKeyOfHeaders,
  partitionNumberOf,
  subjectOf,
} from "../../lib/adapters/jetstream/record.ts";
import { type Delivered, NoSuchConsumerError, pull } from "./jetstream-pull.ts";
import { isSamePlace, type Place, type StreamReader } from "./stream-reader.ts";

/** A consumer on the server, and what it has sent us. */
interface Following {
  readonly connected: ConnectedJetStream;
  readonly consumer: string;
  readonly place: Place;
  /** The consumer's number of the last message that came. */
  readonly consumerSequence: number;
  /** What came while waiting and was not read yet. */
  readonly waiting: readonly Delivered[];
}

/** The server forgets a consumer that was not asked for so long. */
const FORGOTTEN_MILLISECONDS = 60_000;
/** Of one page, so that records of 1 MB don't fill the memory. */
const PAGE_BYTES = 10 * 1024 * 1024;

/*
 * Reads a stream of NATS JetStream as a log: one consumer per partition that needs no acknowledgement and
 * starts behind a sequence number. The server keeps nothing that matters. Whatever goes wrong, the consumer
 * is dropped and another one made where reading stopped, so nothing is skipped; a gap in what a consumer
 * counts is treated in the same way. Where the log begins later than that (records expired, or were purged),
 * the server goes on at its oldest.
 *
 * Two things must never look like reading on, since numbers then stand for other records: the stream was made
 * anew under its name, or the server came back with an older state of it. Both reject.
 */
export const jetstreamStreamReader = (
  jetstream: JetStreamConnection,
  { streamArn }: { readonly streamArn: string },
): StreamReader => {
  const { streamName } = jetstream;
  const following = new Map<string, Following>();
  /** Where "newest" was when it was asked for first. */
  const begins = new Map<string, Place>();
  let createdAtMs: number | undefined;

  const describe = ({ lost, manager }: ConnectedJetStream): Promise<StreamInfo> =>
    answerUnlessLost(lost, manager.streams.info(streamName));

  const look = async (): Promise<StreamInfo> => {
    const info = await describe(await jetstream.connected());
    const newestMs = createdAtMsOf(info);
    if (newestMs !== createdAtMs) begins.clear();
    createdAtMs = newestMs;
    return info;
  };

  /** A consumer behind the place, on the stream that was looked at last. */
  const follow = async (partitionId: string, place: Place): Promise<Following> => {
    const start = startOf(place);
    if (createdAtMs === undefined) await look();
    const expectedMs = createdAtMs;
    const connected = await jetstream.connected();
    const added = connected.manager.consumers.add(streamName, {
      ack_policy: AckPolicy.None,
      filter_subject: subjectOf(streamName, partitionNumberOf(partitionId)),
      inactive_threshold: nanos(FORGOTTEN_MILLISECONDS),
      mem_storage: true,
      num_replicas: 1,
      ...start,
    });
    const { name: consumer } = await answerUnlessLost(connected.lost, added);
    // Looked at after making the consumer: a stream that is deleted takes its consumers with it.
    const { created, state } = await describe(connected);
    if (Date.parse(created) !== expectedMs)
      throw new Error(`stream ${streamName} was made anew, at ${created}`);
    if (typeof place === "object" && BigInt(place.after) > BigInt(state.last_seq)) {
      throw new Error(
        `stream ${streamName} ends at ${state.last_seq} but was read up to ${place.after}: its server came back ` +
          "without its newest records, and would give their numbers to others",
      );
    }
    return { connected, consumer, place, consumerSequence: 0, waiting: [] };
  };

  const placeOf = async (partitionId: string, place: Place): Promise<Place> => {
    if (place !== "newest") return place;
    const begin = begins.get(partitionId) ?? { after: String((await look()).state.last_seq) };
    begins.set(partitionId, begin);
    return begin;
  };

  /** Takes what is kept of a partition away, so that it is gone unless it is put back. */
  const take = async (partitionId: string, place: Place): Promise<Following> => {
    const kept = following.get(partitionId);
    following.delete(partitionId);
    if (kept && isSamePlace(kept.place, place) && !kept.connected.lost.aborted) return kept;
    if (kept) kept.connected.manager.consumers.delete(streamName, kept.consumer).catch(() => {});
    return follow(partitionId, place);
  };

  /** Uses the partition's consumer, or a new one where the server has forgotten it. */
  const withConsumer = async (
    partitionId: string,
    place: Place,
    use: (each: Following) => Promise<void>,
  ): Promise<void> => {
    const each = await take(partitionId, place);
    try {
      await use(each);
    } catch (error) {
      if (!(error instanceof NoSuchConsumerError)) throw error;
      await use(await follow(partitionId, place));
    }
  };

  const receive = async (
    { connected, consumer, consumerSequence }: Following,
    batch: number,
    waitMilliseconds: number,
    stopping?: AbortSignal,
  ): Promise<Delivered[]> => {
    const delivered = await pull(connected.connection, {
      stream: streamName,
      consumer,
      batch,
      maximumBytes: PAGE_BYTES,
      waitMilliseconds,
      signals: stopping ? [connected.lost, stopping] : [connected.lost],
    });
    const isWhole = delivered.every((each, index) => each.consumerSequence === consumerSequence + index + 1);
    if (!isWhole) throw new Error(`records of stream ${streamName} were lost on the way; reading them again`);
    return delivered;
  };

  return {
    streamArn,

    createdAtMs: async () => createdAtMsOf(await look()),

    async listPartitions() {
      // Not a look: who follows the stream must hear of one made anew before anybody reads it.
      const { config } = await describe(await jetstream.connected());
      return config.subjects.map((_, partition) => ({
        partitionId: partitionIdOf(partition),
        parentIds: [],
      }));
    },

    async read(partitionId, place, limit) {
      const from = await placeOf(partitionId, place);
      let records: SourceRecord[] = [];
      await withConsumer(partitionId, from, async (each) => {
        const known = each.waiting.slice(0, limit);
        const isAll = known.length === limit || known.at(-1)?.pending === 0;
        const more = isAll ? [] : await receive(each, limit - known.length, 0);
        records = [...known, ...more].map(toRecord);
        const last = records.at(-1);
        following.set(partitionId, {
          ...each,
          place: last ? { after: last.sequenceNumber } : from,
          consumerSequence: more.at(-1)?.consumerSequence ?? each.consumerSequence,
          waiting: each.waiting.slice(known.length),
        });
      });
      return { records, isClosed: false };
    },

    async countFrom(partitionId, place) {
      // A consumer is told how much is in front of it when it is made, and the server forgets it by itself.
      const { connected, consumer } = await follow(partitionId, await placeOf(partitionId, place));
      const { num_pending: pending } = await connected.manager.consumers.info(streamName, consumer);
      connected.manager.consumers.delete(streamName, consumer).catch(() => {});
      return pending;
    },

    async waitForMore(partitionId, place, milliseconds, signal) {
      const from = await placeOf(partitionId, place);
      await withConsumer(partitionId, from, async (each) => {
        const more = each.waiting.length > 0 ? [] : await receive(each, 1, milliseconds, signal);
        following.set(partitionId, {
          ...each,
          consumerSequence: more.at(-1)?.consumerSequence ?? each.consumerSequence,
          waiting: [...each.waiting, ...more],
        });
      }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
};

const createdAtMsOf = ({ created }: StreamInfo): number => Date.parse(created);

const startOf = (place: Place) => {
  if (typeof place === "string") return { deliver_policy: DeliverPolicy.All };
  const start = Number(place.after) + 1;
  if (Number.isSafeInteger(start))
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start };
  throw new Error(`${place.after} is not a sequence number of JetStream`);
};

const toRecord = ({ message, sequenceNumber, storedAtMs }: Delivered): SourceRecord => ({
  sequenceNumber,
  partitionKey: partitionKeyOfHeaders(message.headers),
  data: message.data,
  arrivedAtMs: storedAtMs,
});
