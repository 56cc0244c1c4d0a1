import { type FieldProblem, RecordError } from "../errors.ts";
import type { Fence } from "../identity/fence.ts";
import type { TimestampRules } from "../position/parse-timestamp.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeRecord, type IncomingRecord } from "../stream/decode-record.ts";
import type { DamagedSegment } from "../track/damaged-segment.ts";
import type { DeviceRecord } from "./advance.ts";

/** A record of the positions stream, with what identifies it. */
export interface TrackedRecord extends IncomingRecord, Fence {
  /** Unique in the stream, and the same at every redelivery. */
  readonly recordId: string;
}

/** A record that was read, and what is to be kept of it besides its positions. */
export interface ReadRecord extends DeviceRecord {
  readonly refusedCount: number;
  /** With a reason: why the record can't be read. Without one: which of its positions are refused. */
  readonly refusal?: { readonly reason?: string; readonly problems: readonly FieldProblem[] };
}

export interface ReadPorts {
  readonly compression: SegmentCompression;
  /** The rules for timestamps, relative to the record's arrival on the stream. By default TIMESTAMP_RULES. */
  readonly timestampRules?: TimestampRules;
  /** Called for each damaged segment of the track. */
  readonly onDamage?: (damaged: DamagedSegment) => void;
}

/** Reads a record. One that can't be read has no positions, and a refusal. */
export const readRecord = (record: TrackedRecord, { compression, timestampRules }: ReadPorts): ReadRecord => {
  const { recordId, partitionKey, data, ...identity } = record;
  try {
    const { positions, refusedCount, problems } = decodeRecord(record, compression, timestampRules);
    const read = { ...identity, positions, refusedCount };
    return problems.length === 0 ? read : { ...read, refusal: { problems } };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const { message: reason, problems } = error;
    return { ...identity, positions: new PositionBuffer(0), refusedCount: 0, refusal: { reason, problems } };
  }
};
