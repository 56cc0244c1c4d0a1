import { formatTable } from "../../bench/report.ts";
import type { Outcome } from "./attack.ts";

const LONGEST_NOTE = 160;

const shortened = (note: string): string => {
  const line = note.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST_NOTE ? `${line.slice(0, LONGEST_NOTE)}…` : line;
};

/** The outcomes as a table. */
export const tableOf = (outcomes: readonly Outcome[]): string =>
  formatTable({
    name: "attacks",
    columns: ["finding", "attack", "verdict", "s", "others waited s", "note"],
    rows: outcomes.map(({ attack, verdict, seconds, longestWaitSeconds, note }) => [
      attack.finding,
      attack.name,
      verdict,
      Number(seconds.toFixed(1)),
      Number(longestWaitSeconds.toFixed(2)),
      shortened(note),
    ]),
  });

/** The last line, and the exit code: 0 only when at least one attack ran and none succeeded. */
export const verdictOn = (
  outcomes: readonly Outcome[],
): { readonly line: string; readonly exitCode: 0 | 1 } => {
  const succeeded = outcomes.filter(({ verdict }) => verdict === "SUCCEEDED");
  const withstood = outcomes.filter(({ verdict }) => verdict === "withstood").length;
  const notRun = outcomes.length - withstood - succeeded.length;
  const skipped = notRun > 0 ? ` ${notRun} not run.` : "";
  if (succeeded.length > 0) {
    const names = succeeded.map(({ attack }) => `${attack.finding} ${attack.name}`).join("; ");
    return {
      line: `FAILED: ${succeeded.length} of ${outcomes.length} attacks succeeded: ${names}.${skipped}`,
      exitCode: 1,
    };
  }
  if (withstood === 0) return { line: `FAILED: nothing was attacked.${skipped}`, exitCode: 1 };
  return { line: `CLEAN: ${withstood} attacks withstood.${skipped}`, exitCode: 0 };
};
