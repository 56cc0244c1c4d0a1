import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { MisconfiguredError } from "../../core/errors.ts";
import type { ConnectedJetStream, JetStreamConnection } from "./connection.ts";
import { isNoStream, natsAnswerTo, PAYLOAD_ADVICE } from "./errors.ts";
import { subjectsOf } from "./record.ts";

/** A record of 1 MiB, and its headers. The stream refuses larger ones, as Kinesis does. */
const MAXIMUM_MESSAGE_BYTES = 1024 * 1024 + 8 * 1024;
/** Such a record, given up: it is kept as JSON, in base64. */
export const LEAST_MAXIMUM_PAYLOAD_BYTES = 1.5 * 1024 * 1024;
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

export const DEFAULT_PARTITION_COUNT = 4;
export const DEFAULT_RETENTION_HOURS = 24;
const MOST_PARTITIONS = 1_000;

export interface PositionsStreamSettings {
  /** Default 4. Of a stream that is there it must be the same. */
  readonly partitionCount?: number;
  /**
   * How long records are kept, read or not; 24 for a new stream. Given, it changes a stream that is there.
   */
  readonly retentionHours?: number;
  /** What the stream may hold; a full one refuses new records. No limit for a new one. */
  readonly maximumBytes?: number;
  /** Copies in a cluster of NATS: 1, 3 or 5; 1 for a new stream. */
  readonly replicaCount?: number;
}

/** A stream as it is. */
export interface PositionsStream {
  readonly partitionCount: number;
  /** Milliseconds since 1970; tells it from an earlier stream of its name. */
  readonly createdAtMs: number;
}

/**
 * Creates the positions stream if it is not there, and checks it if it is: its partitions are stored in it,
 * as its subjects. Throws MisconfiguredError when it has another number of partitions, when it is not a log
 * of positions, or when NATS takes no record of 1 MiB; UnavailableError when NATS is away.
 */
export const openPositionsStream = async (
  jetstream: JetStreamConnection,
  settings: PositionsStreamSettings = {},
): Promise<PositionsStream> => {
  const { streamName } = jetstream;
  const { partitionCount = DEFAULT_PARTITION_COUNT } = settings;
  checkPartitionCount(partitionCount);
  const connected = await jetstream.connected();
  checkMaximumPayload(connected, jetstream);
  const found = (await infoOf(connected, streamName)) ?? (await create(connected, streamName, settings));
  const stream = positionsStreamOf(found);
  if (stream.partitionCount !== partitionCount) {
    throw new MisconfiguredError(
      `stream ${streamName} has ${stream.partitionCount} partitions, not ${partitionCount}: set POSITIONS_PARTITIONS=${stream.partitionCount}. ` +
        "For another number, stop the publishers, let the engine read all of it (drain it), delete it, and start the engine again",
    );
  }
  await change(connected, found, settings);
  return stream;
};

/**
 * The stream as it is. Throws MisconfiguredError when there is none, or when it is not a log of positions.
 */
export const describePositionsStream = async (jetstream: JetStreamConnection): Promise<PositionsStream> => {
  const { streamName, shownAddress } = jetstream;
  const found = await infoOf(await jetstream.connected(), streamName);
  if (found) return positionsStreamOf(found);
  throw new MisconfiguredError(
    `there is no stream ${streamName} at ${shownAddress}: the engine creates it when it starts`,
  );
};

const checkPartitionCount = (count: number): void => {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PARTITIONS) return;
  throw new MisconfiguredError(
    `POSITIONS_PARTITIONS must be a whole number from 1 to ${MOST_PARTITIONS} (got ${count})`,
  );
};

const checkMaximumPayload = (
  { connection }: ConnectedJetStream,
  { shownAddress }: JetStreamConnection,
): void => {
  const maximum = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  if (maximum >= LEAST_MAXIMUM_PAYLOAD_BYTES) return;
  throw new MisconfiguredError(
    `NATS at ${shownAddress} takes messages of ${maximum} bytes; the largest record needs ${LEAST_MAXIMUM_PAYLOAD_BYTES}: ${PAYLOAD_ADVICE}`,
  );
};

const infoOf = async (
  { manager }: ConnectedJetStream,
  streamName: string,
): Promise<StreamInfo | undefined> => {
  const asked = manager.streams.info(streamName).catch((error: unknown) => {
    if (isNoStream(error)) return undefined;
    throw error;
  });
  return natsAnswerTo(`describe stream ${streamName}`, asked);
};

const create = async (
  connected: ConnectedJetStream,
  name: string,
  settings: PositionsStreamSettings,
): Promise<StreamInfo> => {
  const { partitionCount = DEFAULT_PARTITION_COUNT } = settings;
  const created = connected.manager.streams.add({
    name,
    subjects: subjectsOf(name, partitionCount),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    max_age: nanos(DEFAULT_RETENTION_HOURS * HOUR_MS),
    ...limitsOf(settings),
  });
  try {
    return await natsAnswerTo(`create stream ${name}`, created);
  } catch (error) {
    // Another engine was faster, with other settings perhaps.
    const found = await infoOf(connected, name);
    if (found) return found;
    throw error;
  }
};

type Limits = Partial<Pick<StreamConfig, "max_msg_size" | "max_age" | "max_bytes" | "num_replicas">>;

const limitsOf = ({ retentionHours, maximumBytes, replicaCount }: PositionsStreamSettings): Limits => ({
  max_msg_size: MAXIMUM_MESSAGE_BYTES,
  ...(retentionHours !== undefined && { max_age: nanos(retentionHours * HOUR_MS) }),
  ...(maximumBytes !== undefined && { max_bytes: maximumBytes }),
  ...(replicaCount !== undefined && { num_replicas: replicaCount }),
});

const change = async (
  { manager }: ConnectedJetStream,
  { config }: StreamInfo,
  settings: PositionsStreamSettings,
): Promise<void> => {
  const wanted = Object.entries(limitsOf(settings));
  if (wanted.every(([name, value]) => config[name as keyof StreamConfig] === value)) return;
  const changed = manager.streams.update(config.name, { ...config, ...Object.fromEntries(wanted) });
  await natsAnswerTo(`change stream ${config.name}`, changed);
};

const positionsStreamOf = ({ config, created }: StreamInfo): PositionsStream => {
  const { name, subjects, retention, discard, storage } = config;
  const expected = subjectsOf(name, subjects.length);
  const isOurs =
    retention === RetentionPolicy.Limits &&
    discard === DiscardPolicy.New &&
    storage === StorageType.File &&
    new Set(subjects).size === subjects.length &&
    subjects.every((subject) => expected.includes(subject));
  if (!isOurs) {
    throw new MisconfiguredError(
      `stream ${name} is not a stream of positions: it must have the subjects ${name}.0, ${name}.1 and so on, ` +
        "be kept in files, by limits, and refuse new records when it is full (discard: new)",
    );
  }
  return { partitionCount: subjects.length, createdAtMs: Date.parse(created) };
};
