import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { brief } from "../../core/field-problems.ts";
import { problemsOf, tryAppendTexts } from "../../core/position/parse-position.ts";
import { TIMESTAMP_RULES } from "../../core/position/parse-timestamp.ts";
import { PositionBuffer } from "../../core/position/position-buffer.ts";
import { lastRunStart, spreadSeconds } from "../../core/position/spread-seconds.ts";
import type { RejectedRow } from "../../core/recording/import-recording.ts";
import type { Chunks, FileTrack, TakePositions } from "../../core/recording/recording-reader.ts";
import type { ReadOutcome } from "../format.ts";
import { type Header, parseHeader } from "./header.ts";
import { readLines } from "./lines.ts";
import { ReasonCounts } from "./reason-counts.ts";
import { type Row, RowAssembler, type TakeRow } from "./rows.ts";

/** Rows that are reported one by one; of more only the number is told. */
const REPORTED_ROWS = 100;

/** Positions that are read before they are handed on. */
const BATCH_POSITIONS = 4_096;

const TRACK: FileTrack = { number: 0 };

/**
 * Reads a recorded drive from CSV; see parseHeader for the columns. A row that breaks a rule is left out and
 * reported, whatever is wrong with it, and the rest is read. Holds a batch of positions and no text but a
 * chunk's.
 */
export const readCsv = async (chunks: Chunks, nowMs: number, take: TakePositions): Promise<ReadOutcome> => {
  const rejected: RejectedRow[] = [];
  const more = new ReasonCounts();
  let rejectedRowCount = 0;
  let batch = new PositionBuffer();

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
    await take(batch, TRACK);
    batch = rest;
  };

  let lineCount = 0;
  let table: { readonly rows: RowAssembler; readonly take: TakeRow } | undefined;
  for await (const lines of readLines(chunks)) {
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
  }
  if (!table) throw new InvalidInputError("the file has no header and no rows");
  table.rows.end(table.take);
  await handOn(batch.count);
  return { rejected, rejectedRowCount, ...more.told(), spreadCount };
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
