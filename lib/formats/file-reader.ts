import { InvalidInputError, UnsupportedFormatError } from "../core/errors.ts";
import type { Chunks, RecordingReader } from "../core/recording/recording-reader.ts";
import type { RunningSha256 } from "../core/sha256.ts";
import type { Format, Head } from "./format.ts";
import { decoderFor, isText } from "./text.ts";

/** What reading a file needs of the platform. */
export interface ReaderPlatform {
  sha256(): RunningSha256;
  /** Resolves when other work has had its turn. */
  giveWay(): Promise<void>;
}

/** What a format is told by. */
const HEAD_BYTES = 1024;
/** Chunks may be of any size; one block is a few milliseconds' work, and then other work has its turn. */
const BLOCK_BYTES = 64 * 1024;

/** Reads a file of whichever of these formats its content is. */
export const fileReader = (formats: readonly Format[], platform: ReaderPlatform): RecordingReader => ({
  async read(chunks, nowMs, take) {
    const hash = platform.sha256();
    const blocks = blocksOf(chunks, hash, platform);
    try {
      const head = await headOf(blocks);
      if (head.bytes.length === 0) {
        throw new InvalidInputError("the file is empty", {
          problems: [{ field: "body", rule: "must not be empty" }],
        });
      }
      const format = detect(formats, head);
      const outcome = await format.read(whole(head, blocks), nowMs, take);
      return { ...outcome, format: format.name, contentHash: hash.digest() };
    } finally {
      await blocks.return(undefined);
    }
  },
});

async function* blocksOf(
  chunks: Chunks,
  hash: RunningSha256,
  { giveWay }: ReaderPlatform,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    for (let from = 0; from < chunk.length; from += BLOCK_BYTES) {
      yield chunk.subarray(from, from + BLOCK_BYTES);
      await giveWay();
    }
  }
}

/** Reads until there is enough to tell the format; chunks may be as short as a byte. */
const headOf = async (blocks: AsyncGenerator<Uint8Array, void, undefined>): Promise<Head> => {
  let bytes = new Uint8Array(0);
  while (bytes.length < HEAD_BYTES) {
    const { value } = await blocks.next();
    if (!value) break;
    const longer = new Uint8Array(bytes.length + value.length);
    longer.set(bytes);
    longer.set(value, bytes.length);
    bytes = longer;
  }
  const text = decoderFor(bytes).decode(bytes.subarray(0, HEAD_BYTES), { stream: true });
  return { bytes, text: isText(text) ? text : undefined };
};

async function* whole(
  { bytes }: Head,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array> {
  yield bytes;
  yield* rest;
}

type ReadableFormat = Format & Required<Pick<Format, "read">>;

const isReadable = (format: Format): format is ReadableFormat => format.read !== undefined;

const detect = (formats: readonly Format[], head: Head): ReadableFormat => {
  const found = formats.find((format) => format.detect(head));
  if (found && isReadable(found)) return found;
  const readable = formats.filter(isReadable).map(({ name }) => name.toUpperCase());
  const what = found ? found.name.toUpperCase() : "binary";
  throw new UnsupportedFormatError(`the file is ${what}: recordings are read from ${readable.join(" or ")}`, {
    problems: [{ field: "body", rule: `must be ${readable.join(" or ")}` }],
  });
};
