import type { FieldProblem } from "../errors.ts";
import { MAXIMUM_PROBLEMS } from "./elements.ts";
import { rangeRule } from "./parse-position.ts";
import { momentRule, TIMESTAMP_RULES } from "./parse-timestamp.ts";
import { ABSENT, POSITION_FIELDS } from "./position.ts";
import type { PositionBuffer } from "./position-buffer.ts";

const MINIMA = Int32Array.from(POSITION_FIELDS, (field) => Math.round(field.minimum * field.quantaPerUnit));
const MAXIMA = Int32Array.from(POSITION_FIELDS, (field) => Math.round(field.maximum * field.quantaPerUnit));

/**
 * Checks positions of a segment by the rules that parsePosition applies to JSON: a segment can hold any
 * integers. Removes positions that break a rule from the buffer, and returns why, each with its index in the
 * segment: at most MAXIMUM_PROBLEMS, and then one that says how many more there are.
 */
export const refuseInvalid = (
  buffer: PositionBuffer,
  nowMs: number,
  rules = TIMESTAMP_RULES,
): FieldProblem[] => {
  const { count, timestampsMs, columns } = buffer;
  const problems: FieldProblem[] = [];
  const refused = new Set<number>();
  let untold = 0;
  const refuse = (index: number, problem: FieldProblem): void => {
    refused.add(index);
    if (problems.length < MAXIMUM_PROBLEMS) problems.push({ ...problem, index });
    else untold++;
  };
  for (let index = 0; index < count; index++) {
    const value = timestampsMs[index];
    const rule = momentRule(value, nowMs, rules);
    if (rule !== undefined) refuse(index, { field: "timestamp", value, rule });
  }
  for (let column = 0; column < columns.length; column++) {
    const field = POSITION_FIELDS[column];
    const minimum = MINIMA[column];
    const span = (MAXIMA[column] - minimum) >>> 0;
    const values = columns[column];
    for (let index = 0; index < count; index++) {
      const value = values[index];
      // One comparison instead of two: values below the minimum wrap around to far above the maximum.
      if ((value - minimum) >>> 0 <= span) continue;
      if (value === ABSENT) {
        if (field.required) refuse(index, { field: field.name, rule: "is missing" });
      } else {
        refuse(index, { field: field.name, value: value / field.quantaPerUnit, rule: rangeRule(field) });
      }
    }
  }
  if (refused.size > 0) keepOnly(buffer, (index) => !refused.has(index));
  problems.sort((left, right) => (left.index ?? 0) - (right.index ?? 0));
  if (untold > 0)
    problems.push({ field: "position", rule: `${untold} more problems; only the first are listed` });
  return problems;
};

const keepOnly = (buffer: PositionBuffer, keep: (index: number) => boolean): void => {
  let kept = 0;
  for (let index = 0; index < buffer.count; index++) {
    if (!keep(index)) continue;
    buffer.timestampsMs[kept] = buffer.timestampsMs[index];
    for (const column of buffer.columns) column[kept] = column[index];
    kept++;
  }
  buffer.count = kept;
};
