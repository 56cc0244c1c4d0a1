import type { TObject, TSchema } from "typebox";
import { KEY_PARAMETER } from "../core/access/sent-key.ts";
import { PROBLEM } from "./api/problem.ts";
import type { FunctionDefinition, Route, RouteResponse } from "./definition.ts";

type Json = Readonly<Record<string, unknown>>;

const REQUEST_ID_HEADER = {
  description: "The caller's own X-Request-Id, or the id under which the request is logged",
  schema: { type: "string" },
};

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "Authorization: Bearer bt_…" },
  header: { type: "apiKey", in: "header", name: "x-api-key" },
  query: {
    type: "apiKey",
    in: "query",
    name: KEY_PARAMETER,
    description: "For phones that can't send headers; accepted only where positions are sent",
  },
};

const REFUSED = {
  401: { $ref: "#/components/responses/Unauthenticated" },
  403: { $ref: "#/components/responses/Forbidden" },
};

const LIMITED = { 429: { $ref: "#/components/responses/Limited" } };

/** Any one of the ways to send a key will do; each lists the scopes that the key must have. */
const securityOf = ({ access, alsoNeeds }: Route): Json[] => {
  if (access === "public") return [];
  const scopes = alsoNeeds === undefined ? [access] : [access, alsoNeeds];
  const anywhere = [{ bearer: scopes }, { header: scopes }];
  return access === "ingest" ? [...anywhere, { query: scopes }] : anywhere;
};

const problemResponse = (description: string): Json => ({
  description,
  headers: { "X-Request-Id": REQUEST_ID_HEADER },
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

const parametersOf = (place: "path" | "query" | "header", schema: TObject | undefined): Json[] =>
  Object.entries(schema?.properties ?? {}).map(([name, property]: [string, TSchema]) => {
    const { description, ...rest } = property as TSchema & { readonly description?: string };
    const required = place === "path" || (schema?.required?.includes(name) && !("default" in property));
    return {
      name,
      in: place,
      required: required === true,
      ...(description && { description }),
      schema: rest,
    };
  });

/** Path parameters need no schema of their own to be checked, but the document must name each. */
const pathParametersOf = ({ path, parameters }: Route): Json[] => {
  const described = parametersOf("path", parameters);
  const names = new Set(described.map(({ name }) => name));
  const rest = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .filter((name) => !names.has(name))
    .map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  return [...described, ...rest];
};

const bodyOf = ({ body }: Route): Json => {
  if (!body) return {};
  const schemaOf = (contentType: string): unknown => body.schema ?? body.described?.[contentType] ?? {};
  const content = body.contentTypes.map((type) => [type, { schema: schemaOf(type) }]);
  return {
    requestBody: {
      description: body.description,
      required: true,
      content: Object.fromEntries(content),
    },
  };
};

/** Problem details are one component; everything else is inline. */
const contentOf = (content: RouteResponse["content"]): Json => {
  if (!content) return {};
  const entries = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schema === PROBLEM ? { $ref: "#/components/schemas/Problem" } : schema },
  ]);
  return { content: Object.fromEntries(entries) };
};

const responsesOf = ({ access, responses }: Route): Json => {
  const told = Object.entries(responses).map(([status, { description, content }]) => [
    status,
    { description, headers: { "X-Request-Id": REQUEST_ID_HEADER }, ...contentOf(content) },
  ]);
  const refused = access === "public" ? {} : REFUSED;
  const limited = access === "public" ? {} : LIMITED;
  return {
    ...limited,
    ...Object.fromEntries(told),
    ...refused,
    default: { $ref: "#/components/responses/Problem" },
  };
};

const operationIdOf = (definition: FunctionDefinition, route: Route): string =>
  (definition.routes ?? []).length === 1
    ? definition.name
    : `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "")}`;

const pathsOf = (definitions: readonly FunctionDefinition[]): Json => {
  const paths = new Map<string, Record<string, Json>>();
  for (const definition of definitions) {
    for (const route of definition.routes ?? []) {
      const operations = paths.get(route.path) ?? {};
      operations[route.method.toLowerCase()] = operationOf(definition, route);
      paths.set(route.path, operations);
    }
  }
  return Object.fromEntries([...paths].sort(([one], [other]) => (one < other ? -1 : 1)));
};

const operationOf = (definition: FunctionDefinition, route: Route): Json => ({
  operationId: operationIdOf(definition, route),
  summary: route.summary,
  tags: [route.tag],
  security: securityOf(route),
  parameters: [
    ...pathParametersOf(route),
    ...parametersOf("query", route.query),
    ...parametersOf("header", route.headers),
  ],
  ...bodyOf(route),
  responses: responsesOf(route),
});

/** The OpenAPI 3.1 document of every route that the definitions have. */
export const openApiOf = (definitions: readonly FunctionDefinition[], version: string): Json => ({
  openapi: "3.1.1",
  info: {
    title: "Backtrack",
    version,
    description:
      "Live positions, history and replay of GPS devices. Errors are problem details (RFC 9457). A service in open mode, as " +
      "on a developer's own machine, requires no key.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  paths: pathsOf(definitions),
  components: {
    schemas: { Problem: PROBLEM },
    securitySchemes: SECURITY_SCHEMES,
    responses: {
      Problem: problemResponse("What went wrong"),
      Unauthenticated: {
        ...problemResponse("The key is missing or not valid"),
        headers: { "X-Request-Id": REQUEST_ID_HEADER, "WWW-Authenticate": { schema: { type: "string" } } },
      },
      Forbidden: problemResponse("The key lacks the scope, or is not for this device"),
      Limited: {
        ...problemResponse("The tenant's limit of requests in a minute is reached, or another limit"),
        headers: {
          "X-Request-Id": REQUEST_ID_HEADER,
          "Retry-After": { description: "Seconds", schema: { type: "integer" } },
        },
      },
    },
  },
});
