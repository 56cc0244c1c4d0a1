import type { TSchema } from "typebox";
import { Check, Compile } from "typebox/schema";
import type { FieldProblem } from "../core/errors.ts";
import { ruleOf, type SchemaNode } from "./schema-rule.ts";

type Validator = ReturnType<typeof Compile>;

// Compiling takes milliseconds, so each schema is compiled once, when it is first needed.
const validators = new WeakMap<TSchema, Validator>();

const validatorFor = (schema: TSchema): Validator => {
  const known = validators.get(schema);
  if (known) return known;
  const validator = Compile(schema);
  validators.set(schema, validator);
  return validator;
};

/**
 * At most this many problems are reported: what a caller sends must not cause an answer, or work, of its own
 * size.
 */
export const MAXIMUM_PROBLEMS = 20;

/**
 * Everything that is wrong with a value, in words a caller can act on; empty if and only if it fits its
 * schema: TypeBox's Check alone decides, and the problems only say why. `whole` names the value itself, for
 * when it is wrong as a whole.
 */
export const checkSchema = (schema: TSchema, value: unknown, whole: string): FieldProblem[] => {
  if (validatorFor(schema).Check(value)) return [];
  const report = new Report(whole);
  explain(schema, value, [], report);
  return report.problems();
};

/** The path to a part of the value: fields by name, elements by index. */
type Path = readonly (string | number)[];

/** Collects problems until there are enough of them. */
class Report {
  readonly #whole: string;
  readonly #problems: FieldProblem[] = [];
  #isCut = false;

  constructor(whole: string) {
    this.#whole = whole;
  }

  get count(): number {
    return this.#problems.length;
  }

  /** Adds a problem; false when it is one too many, and there is no point in looking for more. */
  note(path: Path, rule: string, value?: unknown): boolean {
    if (this.#problems.length >= MAXIMUM_PROBLEMS) {
      this.#isCut = true;
      return false;
    }
    this.#problems.push({ ...located(path, this.#whole), value, rule });
    return true;
  }

  problems(): FieldProblem[] {
    const whole = this.#whole;
    if (this.#problems.length === 0) return [{ field: whole, rule: "does not fit its schema" }];
    if (!this.#isCut) return this.#problems;
    return [
      ...this.#problems,
      { field: whole, rule: `breaks more rules; the first ${MAXIMUM_PROBLEMS} are listed` },
    ];
  }
}

/**
 * An element's number is kept apart from the field's name: the latitude of element 3 is `latitude` at index
 * 3.
 */
const located = (path: Path, whole: string): Pick<FieldProblem, "field" | "index"> => {
  const [first, ...rest] = path;
  if (first === undefined) return { field: whole };
  if (typeof first === "string") return { field: nameOf(path) };
  return { field: rest.length > 0 ? nameOf(rest) : whole, index: first };
};

/** A field's name may be empty; a sentence has to show that. */
const nameOf = (path: Path): string => path.join(".") || '""';

/** Records what is wrong with a value that does not fit its schema. False when no more can be recorded. */
const explain = (node: TSchema, value: unknown, path: Path, report: Report): boolean => {
  const before = report.count;
  const goesOn = explainParts(node, value, path, report);
  if (!goesOn || report.count > before) return goesOn;
  return report.note(path, ruleOf(node) ?? "does not fit its schema", value);
};

const explainParts = (node: SchemaNode, value: unknown, path: Path, report: Report): boolean => {
  if (node.type === "object" && isObject(value)) return explainFields(node, value, path, report);
  // The elements of a list that is too long are not looked at.
  const isList = node.type === "array" && Array.isArray(value) && value.length <= (node.maxItems ?? Infinity);
  return isList ? explainElements(node, value, path, report) : true;
};

const explainFields = (
  { properties = {}, required = [], additionalProperties }: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  report: Report,
): boolean => {
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue;
    const rule = `is required: it ${ruleOf(properties[name]) ?? "must be given"}`;
    if (!report.note([...path, name], rule)) return false;
  }
  for (const [name, node] of Object.entries(properties)) {
    const held = Object.hasOwn(value, name) ? value[name] : undefined;
    if (held === undefined && !required.includes(name)) continue;
    if (!Object.hasOwn(value, name) || Check(node as TSchema, held)) continue;
    if (!explain(node as TSchema, held, [...path, name], report)) return false;
  }
  if (additionalProperties !== false) return true;
  const rule = `is not a field here; the fields are: ${Object.keys(properties).join(", ")}`;
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name)) continue;
    if (!report.note([...path, name], rule, value[name])) return false;
  }
  return true;
};

const explainElements = (
  { items }: SchemaNode,
  value: readonly unknown[],
  path: Path,
  report: Report,
): boolean => {
  if (items === undefined) return true;
  for (const [index, element] of value.entries()) {
    if (Check(items as TSchema, element)) continue;
    if (!explain(items as TSchema, element, [...path, index], report)) return false;
  }
  return true;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
