import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { recordingReader } from "../../adapters/recording-reader.ts";
import { readRecording } from "../../core/recording/import-chunks.ts";
import { type Row, RowAssembler } from "./rows.ts";

/** Reads a text of rows of three fields. */
const assemble = (text: string) => {
  const rows = new RowAssembler(",", 3, 1);
  const taken: Row[] = [];
  const take = (row: Row) => void taken.push(row);
  for (const line of text.split("\n")) rows.push(line, take);
  rows.end(take);
  return { taken, charactersRead: rows.charactersRead };
};

/** Two readings as a line, two with others, one to count: whatever the text. */
const MOST_READINGS = 6;

describe("finding 2: work per byte of CSV is bounded", () => {
  test.each([
    ["lines of a quote", '"\n'],
    ["lines of quotes", '"""\n"\n'],
    ["quotes that close late", `"\n${'""\n'.repeat(18)}"\n`],
    ["quotes that never close", `"\n${"x\n".repeat(30)}`],
    ["quoted fields that close late, with delimiters", `",,\n${'"",,\n'.repeat(18)}",\n`],
    ["one long line of quotes", `${'",'.repeat(1_000)}\n`],
  ])("%s", (_, unit) => {
    const text = unit.repeat(Math.ceil(20_000 / unit.length));
    expect(assemble(text).charactersRead).toBeLessThanOrEqual(MOST_READINGS * text.length + 100);
  });

  test("any text of quotes, delimiters and letters", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', '""', ",", "\n", "x", '",,\n', '"\n'), { maxLength: 200 }),
        (parts) => {
          const text = parts.join("");
          expect(assemble(text).charactersRead).toBeLessThanOrEqual(MOST_READINGS * (text.length + 1));
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  test("every line with content is part of one row, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', ",,", '"a",1,2', '"a\n', "x", "a,b,c", '",1,2'), { maxLength: 60 }),
        (parts) => {
          const lines = parts.join("\n").split("\n");
          const { taken } = assemble(lines.join("\n"));
          const covered = taken
            .flatMap(({ line, text }) => text.split("\n").map((_, index) => line + index))
            .filter((line) => lines[line - 1].trim() !== "");
          const filled = lines.flatMap((line, index) => (line.trim() === "" ? [] : [index + 1]));
          expect(covered).toEqual(filled);
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  test("a file in one piece gives way to other work while it is read", async () => {
    let others = 0;
    let isOver = false;
    const other = () => {
      others++;
      if (!isOver) setImmediate(other);
    };
    setImmediate(other);
    const text = `timestamp,latitude,longitude\n${"1577218887,48,11\n".repeat(30_000)}`;
    await readRecording(
      recordingReader,
      [new TextEncoder().encode(text)],
      Date.parse("2026-11-20T12:00:00Z"),
    );
    isOver = true;
    expect(others).toBeGreaterThanOrEqual(Math.floor(text.length / 65_536));
  });
});
