import type { Fence } from "../identity/fence.ts";
import { compareSequenceNumbers } from "../identity/sequence-number.ts";
import type { RecordMark } from "../track/track-store.ts";
import { digest48 } from "./digest.ts";

/** A stream's name stays the same for years. */
let lastName = "";
let lastDigest = "";
const streamDigest = (name: string): string => {
  if (name !== lastName) {
    lastDigest = digest48(name).toString(36);
    lastName = name;
  }
  return lastDigest;
};

export const markOf = ({ stream, streamCreatedAtMs, sequenceNumber }: Fence): RecordMark => ({
  stream: streamDigest(`${streamCreatedAtMs} ${stream}`),
  sequenceNumber,
});

/** True when the fence shows that the record was applied. Of another stream's records it shows nothing. */
export const hasPassed = (fence: Fence | undefined, mark: RecordMark): boolean =>
  isOfStream(fence, mark) && compareSequenceNumbers(mark.sequenceNumber, fence?.sequenceNumber ?? "") <= 0;

/** True when the fence is of the record's stream. */
export const isOfStream = (fence: Fence | undefined, mark: RecordMark): boolean =>
  fence !== undefined && markOf(fence).stream === mark.stream;
