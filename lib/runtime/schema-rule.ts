/** The part of JSON Schema that our definitions use, as plain data. */
export interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  /** The rule in our own words, where the keywords alone would not be clear. */
  readonly "x-rule"?: string;
}

const bounds = (least: number | undefined, most: number | undefined, unit = ""): string => {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${unit}`;
  if (least !== undefined) return ` of at least ${least}${unit}`;
  return most === undefined ? "" : ` of at most ${most}${unit}`;
};

const numberRule = (node: SchemaNode, noun: string): string => {
  if (node.exclusiveMinimum === undefined) return `${noun}${bounds(node.minimum, node.maximum)}`;
  const most = node.maximum === undefined ? "" : ` and at most ${node.maximum}`;
  return `${noun} above ${node.exclusiveMinimum}${most}`;
};

const textRule = ({ minLength, maxLength, pattern }: SchemaNode): string => {
  if (pattern !== undefined) return `text that matches ${pattern}`;
  if (minLength === 1 && maxLength === undefined) return "text that is not empty";
  return `text${bounds(minLength, maxLength, " characters")}`;
};

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "an ISO 8601 time with its zone, such as 2026-11-20T12:00:00Z",
  uuid: "a UUID",
};

const noun = (node: SchemaNode): string | undefined => {
  if (node.const !== undefined) return String(JSON.stringify(node.const));
  if (node.format !== undefined) return FORMATS[node.format];
  switch (node.type) {
    case "integer":
      return numberRule(node, "a whole number");
    case "number":
      return numberRule(node, "a number");
    case "boolean":
      return "true or false";
    case "string":
      return textRule(node);
    case "array":
      return `a list${bounds(node.minItems, node.maxItems, " elements")}`;
    case "object":
      return node.minProperties === 1 ? "an object with at least one field" : "an object";
    case "null":
      return "null";
    default:
      return undefined;
  }
};

const isDefined = <Value>(value: Value | undefined): value is Value => value !== undefined;

/**
 * What a schema asks for, as a clause that follows a field's name: `must be a whole number from 1 to 1000`.
 */
export const ruleOf = (node: SchemaNode | undefined): string | undefined => {
  if (node === undefined) return undefined;
  if (node["x-rule"] !== undefined) return node["x-rule"];
  const choices = node.enum ?? node.anyOf?.map((choice) => choice.const);
  if (choices?.every(isDefined)) return `must be one of ${choices.join(", ")}`;
  const nouns = (node.anyOf ?? [node]).map(noun);
  return nouns.every(isDefined) ? `must be ${nouns.join(", or ")}` : undefined;
};
