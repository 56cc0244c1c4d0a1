import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { TObject } from "typebox";
import { KEY_PARAMETER } from "../core/access/sent-key.ts";
import {
  type FieldProblem,
  InvalidInputError,
  TooLargeError,
  UnsupportedFormatError,
} from "../core/errors.ts";
import { isNumeric } from "../core/position/parse-timestamp.ts";
import type { Route } from "./definition.ts";
import { sentence } from "./problem.ts";
import { checkSchema } from "./schema-check.ts";
import type { SchemaNode } from "./schema-rule.ts";

/**
 * Largest body that is accepted, in bytes. A Lambda event is at most 6 MB with its envelope, and the gateway
 * writes a body into it as a JSON string; 4.5 MB of binary, as base64, come close to that limit too.
 */
export const MAXIMUM_BODY_BYTES = 5_750_000;
/** The same for a body that is checked against a schema: several times the largest that can pass. */
export const MAXIMUM_CHECKED_BODY_BYTES = 65_536;

const KEY_RULE = "is accepted only where positions are sent; send it in the Authorization header";

type Fields = Record<string, unknown>;

const refuse = (problems: readonly FieldProblem[]): void => {
  if (problems.length === 0) return;
  const more = problems.length > 1 ? `; and ${problems.length - 1} more` : "";
  throw new InvalidInputError(`${sentence(problems[0])}${more}`, { problems });
};

const properties = (schema: TObject): Readonly<Record<string, SchemaNode>> => schema.properties;

/** A gateway decodes parameters; other hosts do not. None of our parameters may contain a percent sign. */
export const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/**
 * Text as the type that the schema asks for. Text that can't be converted stays text, and the check reports
 * it.
 */
const converted = (text: string, node: SchemaNode): unknown => {
  const types = (node.anyOf ?? [node]).map(({ type }) => type);
  if (types.includes("integer") || types.includes("number")) {
    // Not Number(): that reads "", "0x10" and " 5 " as numbers.
    if (isNumeric(text)) return Number(text);
  }
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
};

const withDefaults = (fields: Fields, schema: TObject): Fields => {
  for (const [name, { default: value }] of Object.entries(properties(schema))) {
    if (value !== undefined && fields[name] === undefined) fields[name] = value;
  }
  return fields;
};

/** Path parameters, checked. */
export const readParameters = (event: APIGatewayProxyEventV2, route: Route): Fields => {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(event.pathParameters ?? {})) {
    if (value !== undefined) fields[name] = decoded(value);
  }
  if (route.parameters) refuse(checkSchema(route.parameters, fields, "path"));
  return fields;
};

/**
 * Query parameters, converted and checked. A parameter that the route does not list, or that is given twice,
 * is refused.
 */
export const readQuery = (event: APIGatewayProxyEventV2, route: Route): Fields => {
  const known = route.query ? properties(route.query) : {};
  const takesKey = route.access === "ingest";
  const fields: Fields = {};
  const problems: FieldProblem[] = [];
  // The raw text, because the gateway joins a repeated parameter's values with commas.
  const given = new URLSearchParams(event.rawQueryString);
  for (const name of new Set(given.keys())) {
    const values = given.getAll(name);
    if (name === KEY_PARAMETER && !Object.hasOwn(known, name)) {
      // Whoever needs it has read it by now. It is shown to nobody else, not even in the caller's own problem
      // details.
      if (!takesKey) problems.push({ field: name, rule: KEY_RULE });
      else if (values.length > 1) problems.push({ field: name, rule: "must be given once" });
    } else if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known).join(", ");
      const rule = names
        ? `is not a parameter here; the parameters are: ${names}`
        : "is not a parameter here; there are none";
      problems.push({ field: name, value: values[0], rule });
    } else if (values.length > 1) {
      problems.push({ field: name, value: values.join(", "), rule: "must be given once" });
    } else {
      fields[name] = converted(values[0], known[name]);
    }
  }
  if (route.query) problems.push(...checkSchema(route.query, withDefaults(fields, route.query), "query"));
  refuse(problems);
  return fields;
};

/** The body's bytes. Raises TooLargeError for more of them than the route accepts. */
export const readRawBody = (event: APIGatewayProxyEventV2, { body }: Route): Uint8Array => {
  const most = body?.schema ? MAXIMUM_CHECKED_BODY_BYTES : MAXIMUM_BODY_BYTES;
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > most) {
    const rule = `must have at most ${most} bytes`;
    const problem = { field: "body", value: bytes.length, rule };
    throw new TooLargeError(sentence(problem), { problems: [problem] });
  }
  return bytes;
};

/** Types that say nothing about the content: what curl's -d, fetch() and many libraries send by default. */
const DEFAULT_TYPES: ReadonlySet<string> = new Set([
  "",
  "application/octet-stream",
  "application/x-www-form-urlencoded",
  "text/plain",
]);

/** Refuses a body that is declared as something other than what the route accepts. */
export const checkContentType = (
  headers: Readonly<Record<string, string | undefined>>,
  route: Route,
): void => {
  if (!route.body) return;
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw unsupported("content-encoding", encoding, "must be left out: send the body uncompressed");
  const value = headers["content-type"] ?? "";
  const type = value.split(";")[0].trim().toLowerCase();
  if (DEFAULT_TYPES.has(type) || route.body.contentTypes.includes(type)) return;
  if (type.endsWith("+json") && route.body.contentTypes.includes("application/json")) return;
  throw unsupported("content-type", value, `must be ${route.body.contentTypes.join(" or ")}`);
};

const unsupported = (field: string, value: string, rule: string): UnsupportedFormatError => {
  const problem = { field, value, rule };
  return new UnsupportedFormatError(sentence(problem), { problems: [problem] });
};

/**
 * The body, parsed and checked where the route has a schema for it; else its bytes. Undefined where the route
 * takes none.
 */
export const readBody = (rawBody: Uint8Array, route: Route): unknown => {
  if (!route.body) return undefined;
  const { schema } = route.body;
  if (!schema) return rawBody;
  if (rawBody.length === 0) refuse([{ field: "body", rule: "must not be empty" }]);
  const value = parseJson(rawBody);
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isPlain && "properties" in schema) withDefaults(value as Fields, schema as TObject);
  refuse(checkSchema(schema, value, "body"));
  return value;
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    // A syntax error's own message quotes the body: only the place of the error is passed on.
    const where = /position \d+/.exec(String(cause))?.[0];
    const problem = { field: "body", rule: `must be JSON in UTF-8${where ? `; it is not at ${where}` : ""}` };
    throw new InvalidInputError(sentence(problem), { problems: [problem], cause });
  }
};
