import { InvalidInputError, UnsupportedFormatError } from "../../core/errors.ts";

/** Far more than a row of any recording; what is longer is no text of lines. */
const MAXIMUM_LINE_LENGTH = 1_000_000;
/** What no text holds: control characters but tab and line ends, and bytes that are not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f]/;

/**
 * The lines of a text, those of a block at a time, whatever ends them (LF, CRLF, CR), without the byte order mark: UTF-8, or UTF-16 where a
 * mark says so. Raises UnsupportedFormatError for what is not text, InvalidInputError when there is nothing. Each character is looked at
 * once, however long its line is and however many chunks it takes.
 */
export async function* readLines(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let carried = "";
  let pieces: string[] = [];
  let pieceLength = 0;
  for await (const chunk of blocks(chunks)) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const decoded = decoder.decode(chunk, { stream: true });
    refuseBinary(decoded);
    const text = carried + decoded;
    // A CR at the end may be half of a CRLF.
    carried = text.endsWith("\r") ? "\r" : "";
    const lines = text.slice(0, text.length - carried.length).split(/\r\n|\n|\r/);
    const rest = lines.pop() ?? "";
    if (lines.length > 0) {
      lines[0] = pieces.join("") + lines[0];
      pieces = [];
      pieceLength = 0;
    }
    pieces.push(rest);
    pieceLength += rest.length;
    if (pieceLength > MAXIMUM_LINE_LENGTH) throw notText("has no line ends");
    yield lines;
  }
  if (!decoder) throw new InvalidInputError("the file is empty", { problems: [EMPTY] });
  const last = pieces.join("") + (carried + decoder.decode()).replace(/^\r/, "");
  if (last) yield [last];
}

/** Chunks may be of any size; one block is a few milliseconds' work. */
const BLOCK_BYTES = 64 * 1024;

async function* blocks(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += BLOCK_BYTES)
      yield chunk.subarray(from, from + BLOCK_BYTES);
  }
}

const EMPTY = { field: "body", rule: "must not be empty" };

const encodingOf = ([first, second]: Uint8Array): string => {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "utf-8";
};

const refuseBinary = (text: string): void => {
  if (NOT_TEXT.test(text)) throw notText("is binary");
};

const notText = (what: string): UnsupportedFormatError =>
  new UnsupportedFormatError(`the file ${what}: a recording is CSV text`, {
    problems: [{ field: "body", rule: "must be CSV text with a header line" }],
  });
