import type { Clock } from "../clock.ts";
import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { trackDistanceMeters } from "../motion/distance.ts";
import { medianIntervalMs } from "../motion/median-interval.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import { recordingTrack, type StoredSegment, type TrackId, type TrackStore } from "../track/track-store.ts";
import { inTimeOrder } from "./order.ts";
import type { Recording, RecordingStore } from "./recording.ts";

export interface ImportPorts {
  readonly recordings: RecordingStore;
  readonly tracks: TrackStore;
  readonly compression: SegmentCompression;
  readonly now: Clock;
}

/** What an adapter read from a file. */
export interface RecordingFile {
  /** `csv`, for example. */
  readonly format: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly contentHash: string;
  /** In any order. */
  readonly positions: PositionBuffer;
  /** The first of the rows that could not be read. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedRowCount: number;
}

export interface RejectedRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly problems: readonly FieldProblem[];
}

export interface ImportedRecording {
  readonly recording: Recording;
  /** False when the same file was imported before under the same name. */
  readonly created: boolean;
  readonly rejected: readonly RejectedRow[];
}

/** Without two positions there is no interval; GPS receivers report once a second. */
const USUAL_INTERVAL_MS = 1_000;
/** Large enough that the columns compress well, small enough that a query decodes little that it does not want. */
const SEGMENT_POSITIONS = 400;
/** Segments that are encoded before they are written: bounds memory for a recording of any length. */
const SEGMENTS_PER_WRITE = 50;
const MAXIMUM_NAME_LENGTH = 200;
const SLUG_LENGTH = 40;
const HASH_LENGTH = 12;

/**
 * Stores a file's positions as a recording: in time order, of several with one timestamp the first. The segments are written
 * before the item, and both follow from name and content, so that repeating an import that broke off completes it, and repeating
 * a complete one changes nothing. Without a name it is named after its first day. Raises InvalidInputError when the file
 * has no position that can be read.
 */
export const importRecording = async (
  ports: ImportPorts,
  file: RecordingFile,
  givenName?: string,
): Promise<ImportedRecording> => {
  refuseEmpty(file);
  const positions = inTimeOrder(file.positions);
  const firstTimestampMs = positions.timestampsMs[0];
  const name = checkName(givenName ?? `Drive of ${new Date(firstTimestampMs).toISOString().slice(0, 10)}`);
  const recordingId = await idOf(name, file.contentHash);
  const { rejected } = file;
  // Also for one that is known: a deletion that broke off may have left its item without its segments.
  await putSegments(ports, recordingTrack(recordingId), positions);
  const known = await ports.recordings.get(recordingId);
  if (known) return { recording: known, created: false, rejected };
  const recording: Recording = {
    recordingId,
    name,
    format: file.format,
    contentHash: file.contentHash,
    positionCount: positions.count,
    firstTimestampMs,
    lastTimestampMs: positions.timestampsMs[positions.count - 1],
    medianIntervalMs: medianIntervalMs(positions) ?? USUAL_INTERVAL_MS,
    distanceMeters: trackDistanceMeters(positions),
    rejectedRowCount: file.rejectedRowCount,
    duplicateCount: file.positions.count - positions.count,
    createdAtMs: ports.now(),
  };
  await ports.recordings.put(recording);
  return { recording, created: true, rejected };
};

const refuseEmpty = ({ positions, rejected, rejectedRowCount }: RecordingFile): void => {
  if (positions.count > 0) return;
  if (rejectedRowCount === 0) throw new InvalidInputError("the file has a header and no row");
  const problems = rejected.flatMap((row) => row.problems);
  const { field, rule } = problems[0];
  throw new InvalidInputError(
    `none of the file's ${rejectedRowCount} rows is a position; line ${rejected[0].line}: ${field} ${rule}`,
    { problems },
  );
};

const checkName = (name: string): string => {
  const trimmed = name.trim();
  if (trimmed.length > 0 && trimmed.length <= MAXIMUM_NAME_LENGTH) return trimmed;
  const rule = `must have 1 to ${MAXIMUM_NAME_LENGTH} characters`;
  throw new InvalidInputError(`name ${rule}`, {
    problems: [{ field: "name", value: trimmed.slice(0, 50), rule }],
  });
};

/** `<name>-<hash>`: readable, safe in a path and as a device id, and the same for the same name and content. */
const idOf = async (name: string, contentHash: string): Promise<string> => {
  const stem = name.replace(/\.\w{1,5}$/, "").toLowerCase();
  const slug = stem
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, "");
  const identity = new TextEncoder().encode(`${name}\n${contentHash}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", identity));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${slug || "recording"}-${hash.slice(0, HASH_LENGTH)}`;
};

const putSegments = async (
  { tracks, compression }: ImportPorts,
  trackId: TrackId,
  positions: PositionBuffer,
): Promise<void> => {
  let segments: StoredSegment[] = [];
  for (let from = 0; from < positions.count; from += SEGMENT_POSITIONS) {
    const to = Math.min(from + SEGMENT_POSITIONS, positions.count);
    segments.push({
      kind: "sealed",
      firstTimestampMs: positions.timestampsMs[from],
      lastTimestampMs: positions.timestampsMs[to - 1],
      positionCount: to - from,
      data: compressSegment(encodeSegment(positions, from, to), compression),
    });
    if (segments.length === SEGMENTS_PER_WRITE || to === positions.count) {
      await tracks.put(trackId, segments);
      segments = [];
    }
  }
};
