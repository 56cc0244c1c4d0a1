import { expect, test } from "vitest";
import { formatTable } from "./report.ts";

test("a table right-aligns numbers with separators, left-aligns text, and has its notes below", () => {
  const table = formatTable({
    name: "Codec",
    columns: ["encoding", "bytes", "per second"],
    rows: [
      ["JSON", 162.5, 1250],
      ["segment with zstd", 6.72, 1234567],
      ["none", "", "n/a"],
    ],
    notes: ["median of 7"],
  });
  expect(table).toBe(
    [
      "Codec",
      "",
      "encoding           bytes  per second",
      "-----------------  -----  ----------",
      "JSON               162.5       1,250",
      "segment with zstd   6.72   1,234,567",
      "none                             n/a",
      "* median of 7",
      "",
    ].join("\n"),
  );
});
