import { InvalidInputError, UnsupportedFormatError } from "../../core/errors.ts";
import { decoderFor, isText } from "../text.ts";

/** Far more than a row of any recording; what is longer is no text of lines. */
const MAXIMUM_LINE_LENGTH = 1_000_000;
/**
 * The lines of a text, those of a chunk at a time, whatever ends them (LF, CRLF, CR), without the byte order
 * mark: UTF-8, or UTF-16 where a mark says so. Throws UnsupportedFormatError for what is not text,
 * InvalidInputError when there is nothing. Each character is looked at once, however long its line is and
 * however many chunks it takes.
 */
export async function* readLines(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  let decoder: ReturnType<typeof decoderFor> | undefined;
  let carried = "";
  let pieces: string[] = [];
  let pieceLength = 0;
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk);
    const decoded = decoder.decode(chunk, { stream: true });
    if (!isText(decoded)) throw notText("is binary");
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

const EMPTY = { field: "body", rule: "must not be empty" };

const notText = (what: string): UnsupportedFormatError =>
  new UnsupportedFormatError(`the file ${what}: a recording is CSV text`, {
    problems: [{ field: "body", rule: "must be CSV text with a header line" }],
  });
