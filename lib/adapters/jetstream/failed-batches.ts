import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { NotFoundError } from "../../core/errors.ts";
import type { FailedBatches } from "../../core/redrive/failed-batches.ts";
import { parseFailedBatch } from "../failed-batches/failed-batch-json.ts";
import { SETTLED_PREFIX } from "../failed-batches/settled.ts";
import type { ConnectedJetStream, JetStreamConnection } from "./connection.ts";
import { isNoMessage, isNoStream, natsAnswerTo } from "./errors.ts";
import { answerUnlessLost } from "./lost.ts";

/*
 * Batches that were given up, in a stream of their own beside the positions stream, `<stream>-failed`: one
 * message each, the JSON that Lambda writes to an on-failure bucket, under a subject made of its key. The
 * stream keeps the last message of a subject, in a file, until somebody deletes it: what was given up does
 * not expire.
 */

const TIMEOUT_MS = 5_000;
/** What the headers, and the subject, of a message take at most. */
const OVERHEAD_BYTES = 4_096;

/** `positions-failed` */
export const failedStreamName = (streamName: string): string => `${streamName}-failed`;

/** Where batches are put: the writing side. */
export interface FailedObjects {
  /** The largest content that NATS takes. */
  maximumBytes(): Promise<number>;
  /** Keeps a content under its key, in the place of what was there. Resolves when it is stored. */
  put(key: string, content: Uint8Array): Promise<void>;
}

/** Creates the stream when it is first written to. Throws as every adapter does. */
export const jetStreamFailedObjects = (jetstream: JetStreamConnection): FailedObjects => {
  const streamName = failedStreamName(jetstream.streamName);
  let ensuredOver: AbortSignal | undefined;
  return {
    async maximumBytes() {
      const { connection } = await jetstream.connected();
      return (connection.info?.max_payload ?? 0) - OVERHEAD_BYTES;
    },
    async put(key, content) {
      const connected = await jetstream.connected();
      if (ensuredOver !== connected.lost) await ensureStream(connected, streamName);
      ensuredOver = connected.lost;
      await publish(connected, streamName, key, content).catch((error: unknown) => {
        // Somebody may have deleted it meanwhile.
        ensuredOver = undefined;
        throw error;
      });
    },
  };
};

/** The batches under a prefix of keys: the side that plays them again. */
export const jetStreamFailedBatches = (jetstream: JetStreamConnection, prefix: string): FailedBatches => {
  const streamName = failedStreamName(jetstream.streamName);
  const find = async ({ manager }: ConnectedJetStream, key: string) => {
    const asked = manager.streams.getMessage(streamName, { last_by_subj: subjectOfKey(streamName, key) });
    const found = await natsAnswerTo(
      `read ${key} of stream ${streamName}`,
      asked.catch(ignoringNoStream(null)),
    );
    return found ?? undefined;
  };
  return {
    async *keys() {
      const { manager } = await jetstream.connected();
      const asked = manager.streams.info(streamName, { subjects_filter: ">" });
      const info = await natsAnswerTo(`list stream ${streamName}`, asked.catch(ignoringNoStream(undefined)));
      yield* Object.keys(info?.state.subjects ?? {})
        .map((subject) => keyOfSubject(streamName, subject))
        .filter((key) => key !== undefined)
        .filter((key) => key.startsWith(prefix) && !key.startsWith(SETTLED_PREFIX))
        .sort();
    },
    async read(key) {
      const found = await find(await jetstream.connected(), key);
      if (!found) throw new NotFoundError(`there is no batch ${key} in stream ${streamName}`);
      return parseFailedBatch(found.data);
    },
    async settle(key) {
      const connected = await jetstream.connected();
      const found = await find(connected, key);
      if (!found) return;
      await publish(connected, streamName, `${SETTLED_PREFIX}${key}`, found.data);
      // By its number: what was put there since then stays.
      const removed = connected.manager.streams.deleteMessage(streamName, found.seq, false);
      await natsAnswerTo(`put ${key} aside`, removed.catch(ignoringMissing));
    },
  };
};

const publish = async (
  { client, lost }: ConnectedJetStream,
  streamName: string,
  key: string,
  content: Uint8Array,
): Promise<void> => {
  const sent = client.publish(subjectOfKey(streamName, key), content, {
    expect: { streamName },
    timeout: TIMEOUT_MS,
  });
  await natsAnswerTo(`keep ${key} in stream ${streamName}`, answerUnlessLost(lost, sent));
};

const ensureStream = async ({ manager }: ConnectedJetStream, name: string): Promise<void> => {
  const add = () =>
    manager.streams.add({
      name,
      subjects: [`${name}.*`],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
    });
  const asked = manager.streams.info(name).catch((error: unknown) => {
    if (isNoStream(error)) return add();
    throw error;
  });
  await natsAnswerTo(`create stream ${name}`, asked);
};

/** Percent-encoded, as one part of a subject: without dots, wildcards and spaces. */
const subjectOfKey = (streamName: string, key: string): string =>
  `${streamName}.${encodeURIComponent(key.toWellFormed()).replace(/[.*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}`;

/** Undefined for a subject of somebody else's making. */
const keyOfSubject = (streamName: string, subject: string): string | undefined => {
  try {
    const key = decodeURIComponent(subject.slice(streamName.length + 1));
    return subjectOfKey(streamName, key) === subject ? key : undefined;
  } catch {
    return undefined;
  }
};

const ignoringNoStream =
  <Value>(instead: Value) =>
  (error: unknown): Value => {
    if (isNoStream(error)) return instead;
    throw error;
  };

const ignoringMissing = (error: unknown): void => {
  if (!isNoMessage(error)) throw error;
};
