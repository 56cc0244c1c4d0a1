import { InvalidInputError, UnsupportedFormatError } from "../../core/errors.ts";

/** Far more than a row of any recording; what is longer is no text of lines. */
const MAXIMUM_LINE_LENGTH = 1_000_000;
/** What no text holds: control characters but tab and line ends, and bytes that are not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f]/;

/**
 * The lines of a text, whatever ends them (LF, CRLF, CR), without the byte order mark: UTF-8, or UTF-16 where a mark says so.
 * Raises UnsupportedFormatError for what is not text, InvalidInputError when there is nothing.
 */
export async function* readLines(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let rest = "";
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = rest + decoder.decode(chunk, { stream: true });
    refuseBinary(text);
    // A CR at the end may be half of a CRLF.
    const complete = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, complete).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + text.slice(complete);
    if (rest.length > MAXIMUM_LINE_LENGTH) throw notText("has no line ends");
    yield* lines;
  }
  if (!decoder) throw new InvalidInputError("the file is empty", { problems: [EMPTY] });
  const last = (rest + decoder.decode()).replace(/\r$/, "");
  if (last) yield last;
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
