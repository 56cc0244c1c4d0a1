import { createHash } from "node:crypto";
import { setImmediate as giveWay } from "node:timers/promises";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { brief } from "../../core/field-problems.ts";
import { problemsOf, tryAppendTexts } from "../../core/position/parse-position.ts";
import { TIMESTAMP_RULES } from "../../core/position/parse-timestamp.ts";
import { PositionBuffer } from "../../core/position/position-buffer.ts";
import { lastRunStart, spreadSeconds } from "../../core/position/spread-seconds.ts";
import type { RecordingFile, RejectedRow } from "../../core/recording/import-recording.ts";
import type { Chunks, RecordingReader } from "../../core/recording/recording-reader.ts";
import { type Header, parseHeader } from "./header.ts";
import { readLines } from "./lines.ts";
import { ReasonCounts } from "./reason-counts.ts";
import { type Row, RowAssembler, type TakeRow } from "./rows.ts";

export interface ReadProgress {
  readonly bytesRead: number;
}

/** Rows that are reported one by one; of more only the number is told. */
const REPORTED_ROWS = 100;

/** Positions that are read before they are handed on. */
const BATCH_POSITIONS = 4_096;

/**
 * Reads recorded drives from CSV; see parseHeader for the columns. A row that breaks a rule is left out and reported, whatever is
 * wrong with it, and the rest is read. Holds a batch of positions and no text but a block's, and lets
 * other work go on after each block: a file may be several megabytes in one chunk.
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
      const { fields } = row;
      if (fields && tryAppendTexts(batch, fields, header.places, nowMs, TIMESTAMP_RULES)) return;
      rejectedRowCount++;
      if (rejected.length < REPORTED_ROWS)
        rejected.push({ line: row.line, problems: problemsIn(row, header, nowMs) });
      else more.add(() => problemsIn(row, header, nowMs));
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
    let table: { readonly rows: RowAssembler; readonly take: TakeRow } | undefined;
    for await (const lines of readLines(hashed())) {
      for (const line of lines) {
        lineCount++;
        if (table) {
          table.rows.push(line, table.take);
        } else if (line.trim() !== "") {
          const header = parseHeader(line);
          const rows = new RowAssembler(header.delimiter, header.fieldCount, lineCount + 1);
          table = { rows, take: (row) => add(row, header) };
        }
        if (batch.count >= BATCH_POSITIONS) await handOn(lastRunStart(batch));
      }
      await giveWay();
    }
    if (!table) throw new InvalidInputError("the file has no header and no rows");
    table.rows.end(table.take);
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

const problemsIn = (
  { fields, rule, text }: Row,
  { columns }: Header,
  nowMs: number,
): readonly FieldProblem[] => {
  if (!fields) return [{ field: "row", value: brief(text), rule: rule?.() ?? "must be a row of CSV" }];
  // By the names that parsePosition knows.
  const position = Object.fromEntries(columns.map(({ index, name }) => [name, fields[index]]));
  return problemsOf(position, nowMs, TIMESTAMP_RULES);
};
