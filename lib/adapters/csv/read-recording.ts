import { createHash } from "node:crypto";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { appendPosition, brief } from "../../core/position/parse-position.ts";
import { PositionBuffer } from "../../core/position/position-buffer.ts";
import type { RecordingFile, RejectedRow } from "../../core/recording/import-recording.ts";
import { type Header, parseHeader } from "./header.ts";
import { readLines } from "./lines.ts";
import { type Row, RowAssembler } from "./rows.ts";

/** A file, whole or as it comes. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface ReadProgress {
  readonly bytesRead: number;
  readonly positionCount: number;
}

/** Rows that are reported one by one; of more only the number is told. */
const REPORTED_ROWS = 100;

/**
 * Reads a recorded drive from CSV; see parseHeader for its columns. A row that breaks a rule is left out and reported,
 * whatever is wrong with it, and the rest is read. Holds positions, not text: some 56 bytes each. Raises InvalidInputError and
 * UnsupportedFormatError for a file that is no such thing.
 */
export const readCsvRecording = async (
  chunks: Chunks,
  nowMs: number,
  onProgress: (progress: ReadProgress) => void = () => undefined,
): Promise<RecordingFile> => {
  const hash = createHash("sha256");
  const positions = new PositionBuffer();
  const rejected: RejectedRow[] = [];
  let rejectedRowCount = 0;
  let bytesRead = 0;

  async function* observed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytesRead += chunk.length;
      yield chunk;
      onProgress({ bytesRead, positionCount: positions.count });
    }
  }

  const take = (row: Row, header: Header): void => {
    const problems = appendRow(positions, row, header, nowMs);
    if (!problems) return;
    rejectedRowCount++;
    if (rejected.length < REPORTED_ROWS) rejected.push({ line: row.line, problems });
  };

  let lineCount = 0;
  let table: { readonly header: Header; readonly rows: RowAssembler } | undefined;
  for await (const line of readLines(observed())) {
    lineCount++;
    if (table) {
      for (const row of table.rows.push(line)) take(row, table.header);
    } else if (line.trim() !== "") {
      const header = parseHeader(line);
      table = { header, rows: new RowAssembler(header.delimiter, header.fieldCount, lineCount + 1) };
    }
  }
  if (!table) throw new InvalidInputError("the file has no header and no rows");
  for (const row of table.rows.end()) take(row, table.header);
  return { format: "csv", contentHash: hash.digest("hex"), positions, rejected, rejectedRowCount };
};

const appendRow = (
  positions: PositionBuffer,
  { fields, rule, text }: Row,
  { columns }: Header,
  nowMs: number,
): readonly FieldProblem[] | undefined => {
  if (!fields) return [{ field: "row", value: brief(text), rule: rule ?? "must be a row of CSV" }];
  const position: Record<string, string> = {};
  for (const { index, name } of columns) position[name] = fields[index];
  return appendPosition(positions, position, nowMs);
};
