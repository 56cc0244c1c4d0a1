import { createHash } from "node:crypto";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { brief, problemsOf, tryAppend } from "../../core/position/parse-position.ts";
import { TIMESTAMP_RULES } from "../../core/position/parse-timestamp.ts";
import { PositionBuffer } from "../../core/position/position-buffer.ts";
import { lastRunStart, spreadSeconds } from "../../core/position/spread-seconds.ts";
import type { RecordingFile, RejectedRow } from "../../core/recording/import-recording.ts";
import type { Chunks, RecordingReader } from "../../core/recording/recording-reader.ts";
import { type Header, parseHeader } from "./header.ts";
import { readLines } from "./lines.ts";
import { ReasonCounts } from "./reason-counts.ts";
import { type Row, RowAssembler } from "./rows.ts";

export interface ReadProgress {
  readonly bytesRead: number;
}

/** Rows that are reported one by one; of more only the number is told. */
const REPORTED_ROWS = 100;

/** Positions that are read before they are handed on. */
const BATCH_POSITIONS = 4_096;

/**
 * Reads recorded drives from CSV; see parseHeader for the columns. A row that breaks a rule is left out and reported, whatever is
 * wrong with it, and the rest is read. Holds a batch of positions and no text but a chunk's.
 */
export const csvReader: RecordingReader = {
  async read(chunks, nowMs, take) {
    const hash = createHash("sha256");
    const rejected: RejectedRow[] = [];
    const more = new ReasonCounts();
    let rejectedRowCount = 0;
    let batch = new PositionBuffer();

    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    }

    const add = (row: Row, header: Header): void => {
      const position = positionOf(row, header);
      if (position && tryAppend(batch, position, nowMs, TIMESTAMP_RULES)) return;
      rejectedRowCount++;
      if (rejected.length < REPORTED_ROWS)
        rejected.push({ line: row.line, problems: problemsIn(row, position, nowMs) });
      else more.add(() => problemsIn(row, position, nowMs));
    };

    let spreadCount = 0;
    let beforeMs = Number.NaN;
    /** Hands on what is complete: the next rows may be of the last one's second. */
    const handOn = async (to: number): Promise<void> => {
      if (to === 0) return;
      const rest = new PositionBuffer(BATCH_POSITIONS);
      rest.append(batch, to);
      const lastMs = batch.timestampsMs[to - 1];
      spreadCount += spreadSeconds(batch, to, beforeMs);
      beforeMs = lastMs;
      batch.count = to;
      await take(batch);
      batch = rest;
    };

    let lineCount = 0;
    let table: { readonly header: Header; readonly rows: RowAssembler } | undefined;
    for await (const lines of readLines(hashed())) {
      for (const line of lines) {
        lineCount++;
        if (table) {
          for (const row of table.rows.push(line)) add(row, table.header);
        } else if (line.trim() !== "") {
          const header = parseHeader(line);
          table = { header, rows: new RowAssembler(header.delimiter, header.fieldCount, lineCount + 1) };
        }
        if (batch.count >= BATCH_POSITIONS) await handOn(lastRunStart(batch));
      }
    }
    if (!table) throw new InvalidInputError("the file has no header and no rows");
    for (const row of table.rows.end()) add(row, table.header);
    await handOn(batch.count);
    const contentHash = hash.digest("hex");
    return { format: "csv", contentHash, rejected, rejectedRowCount, ...more.told(), spreadCount };
  },
};

/** Reads a whole file into memory, some 56 bytes for a position. Errors: those of RecordingReader. */
export const readCsvRecording = async (
  chunks: Chunks,
  nowMs: number,
  onProgress: (progress: ReadProgress) => void = () => undefined,
): Promise<RecordingFile> => {
  const positions = new PositionBuffer();
  let bytesRead = 0;
  const observed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      bytesRead += chunk.length;
      onProgress({ bytesRead });
    }
  };
  const read = await csvReader.read(observed(), nowMs, (batch) => positions.append(batch));
  return { ...read, positions };
};

/** The fields of a row by the names that parsePosition knows; undefined when the row has no fields. */
const positionOf = ({ fields }: Row, { columns }: Header): Record<string, string> | undefined => {
  if (!fields) return undefined;
  const position: Record<string, string> = {};
  for (const { index, name } of columns) position[name] = fields[index];
  return position;
};

const problemsIn = (
  { rule, text }: Row,
  position: Record<string, string> | undefined,
  nowMs: number,
): readonly FieldProblem[] =>
  position
    ? problemsOf(position, nowMs, TIMESTAMP_RULES)
    : [{ field: "row", value: brief(text), rule: rule ?? "must be a row of CSV" }];
