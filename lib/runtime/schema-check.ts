import type { TSchema } from "typebox";
import { Compile } from "typebox/schema";
import type { FieldProblem } from "../core/errors.ts";
import { ruleOf, type SchemaNode } from "./schema-rule.ts";

type Validator = ReturnType<typeof Compile>;

// Compiling takes milliseconds, so a schema is compiled when it is first needed, and once.
const validators = new WeakMap<TSchema, Validator>();

const validatorFor = (schema: TSchema): Validator => {
  const known = validators.get(schema);
  if (known) return known;
  const validator = Compile(schema);
  validators.set(schema, validator);
  return validator;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Walks a JSON pointer through a value and its schema at once. */
const resolve = (schema: SchemaNode, value: unknown, path: readonly string[]) => {
  let node: SchemaNode | undefined = schema;
  let held: unknown = value;
  for (const step of path) {
    node = Array.isArray(held) ? node?.items : node?.properties?.[step];
    held = isRecord(held) ? held[step] : undefined;
  }
  return { node, held };
};

const steps = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** An element's number is told apart from the field's name: `/3/latitude` is `latitude` at index 3. */
const located = (path: readonly string[], whole: string): Pick<FieldProblem, "field" | "index"> => {
  const [first, ...rest] = path;
  if (first === undefined) return { field: whole };
  if (!/^\d+$/.test(first)) return { field: path.join(".") };
  return { field: rest.length > 0 ? rest.join(".") : whole, index: Number(first) };
};

/**
 * Everything that is wrong with a value, in words a caller can act on; empty when it fits its schema.
 * `whole` names the value itself, for when it is wrong as a whole.
 */
export const checkSchema = (schema: TSchema, value: unknown, whole: string): FieldProblem[] => {
  const validator = validatorFor(schema);
  if (validator.Check(value)) return [];
  const [, errors] = validator.Errors(value);
  const root = schema as SchemaNode;
  const problems = new Map<string, FieldProblem>();
  const note = (path: readonly string[], rule: string, shown?: unknown) => {
    const key = path.join("/");
    if (!problems.has(key)) problems.set(key, { ...located(path, whole), value: shown, rule });
  };
  for (const error of errors) {
    const path = steps(error.instancePath);
    const { node, held } = resolve(root, value, path);
    if (error.keyword === "required") {
      for (const name of error.params.requiredProperties) {
        note([...path, name], `is required: it ${ruleOf(node?.properties?.[name]) ?? "must be given"}`);
      }
    } else if (error.keyword === "additionalProperties") {
      const known = Object.keys(node?.properties ?? {}).join(", ");
      for (const name of error.params.additionalProperties) {
        const shown = isRecord(held) ? held[name] : undefined;
        note([...path, name], `is not known here; known are: ${known}`, shown);
      }
    } else if (error.keyword !== "boolean") {
      note(path, ruleOf(node) ?? error.message, held);
    }
  }
  return [...problems.values()];
};
