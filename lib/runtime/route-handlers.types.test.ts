import * as Type from "typebox";
import { expect, expectTypeOf, test } from "vitest";
import { damageReporter } from "./damage.ts";
import { defineFunction } from "./definition.ts";
import { httpFunction } from "./http.ts";
import type { HttpRequest, RouteHandlers } from "./route-handlers.ts";
import { streamFunction } from "./stream.ts";
import { taskFunction } from "./task.ts";

const COMMON = { summary: "", tag: "test", access: "read", responses: {} } as const;
const BASE = { name: "do-it", description: "", memoryMegabytes: 128, timeoutSeconds: 5 } as const;

const THINGS = defineFunction({
  ...BASE,
  routes: [
    {
      ...COMMON,
      method: "GET",
      path: "/things/{thingId}",
      parameters: Type.Object({ thingId: Type.String() }),
      query: Type.Object({
        limit: Type.Integer({ default: 100 }),
        format: Type.Optional(Type.Enum(["json", "csv"])),
      }),
    },
    {
      ...COMMON,
      method: "PATCH",
      path: "/things/{thingId}",
      body: {
        contentTypes: ["application/json"],
        description: "",
        schema: Type.Object({ rate: Type.Number(), names: Type.Optional(Type.Array(Type.String())) }),
      },
    },
    { ...COMMON, method: "POST", path: "/things", body: { contentTypes: ["text/csv"], description: "" } },
  ],
});

const GET = "GET /things/{thingId}";
const PATCH = "PATCH /things/{thingId}";
const POST = "POST /things";

type Handlers = RouteHandlers<typeof THINGS>;
type RequestOf<Key extends keyof Handlers> = Parameters<Handlers[Key]>[0];

/** Of every route, with nothing to object to. */
const DONE: Handlers = {
  [GET]: async () => ({ status: 200 }),
  [PATCH]: async () => ({ status: 200 }),
  [POST]: async () => ({ status: 200 }),
};

test("a request has the types of its own route's schemas", () => {
  expectTypeOf<keyof Handlers>().toEqualTypeOf<typeof GET | typeof PATCH | typeof POST>();

  expectTypeOf<RequestOf<typeof GET>["parameters"]>().toEqualTypeOf<{ readonly thingId: string }>();
  // A default makes a field certain; what is optional without one may be missing.
  expectTypeOf<RequestOf<typeof GET>["query"]>().toEqualTypeOf<{
    readonly limit: number;
    readonly format?: "json" | "csv";
  }>();
  expectTypeOf<RequestOf<typeof GET>["body"]>().toEqualTypeOf<undefined>();

  // Without a schema the names of the path are known all the same.
  expectTypeOf<RequestOf<typeof PATCH>["parameters"]>().toEqualTypeOf<{ readonly thingId: string }>();
  expectTypeOf<RequestOf<typeof PATCH>["body"]>().toEqualTypeOf<{
    readonly rate: number;
    readonly names?: string[];
  }>();
  expectTypeOf<keyof RequestOf<typeof PATCH>["query"]>().toEqualTypeOf<never>();

  expectTypeOf<keyof RequestOf<typeof POST>["parameters"]>().toEqualTypeOf<never>();
  expectTypeOf<RequestOf<typeof POST>["body"]>().toEqualTypeOf<Uint8Array>();
});

// What is checked here is that `npm run types` passes: each mistake is one that the compiler has to find.
test("handlers that do not fit the routes do not compile", () => {
  const { [POST]: _, ...withoutPost } = DONE;
  const handlers = [
    // A declared route without a handler.
    // @ts-expect-error
    httpFunction(THINGS, withoutPost),
    // A handler for a route that is not declared.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, "GET /things": async () => ({ status: 200 }) }),
    // A handler for a declared path under a method that is not declared.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, "DELETE /things/{thingId}": async () => ({ status: 204 }) }),
    // A query field that the schema lacks.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [GET]: async ({ query }) => ({ status: 200, body: query.cursor }) }),
    // A query field of a route that takes none.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [PATCH]: async ({ query }) => ({ status: 200, body: query.limit }) }),
    // A query field as a type that it does not have.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [GET]: async ({ query }) => ({ status: query.format ?? 200 }) }),
    // A path parameter that the path lacks.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [GET]: async ({ parameters: { id } }) => ({ status: 200, body: id }) }),
    // The same without a schema.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [PATCH]: async ({ parameters: { id } }) => ({ status: 200, body: id }) }),
    // A body field that the schema lacks.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [PATCH]: async ({ body }) => ({ status: 200, body: body.speed }) }),
    // A field of a body that has no schema: it is bytes.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [POST]: async ({ body }) => ({ status: 200, body: body.rate }) }),
    // An answer without a status.
    // @ts-expect-error
    httpFunction(THINGS, { ...DONE, [GET]: async () => ({ body: "" }) }),
    // A handler that says for itself what the schema does not promise.
    httpFunction(THINGS, {
      ...DONE,
      // @ts-expect-error
      [GET]: async ({ query }: HttpRequest<object, { cursor: string }>) => ({ status: 200, body: query }),
    }),
  ];
  for (const handler of handlers) expect(handler).toBeTypeOf("function");
});

test("a function that is not started that way does not compile", () => {
  const mistakes = [
    // No workflow, schedule or bucket calls it.
    // @ts-expect-error
    () => taskFunction(THINGS, Type.Object({}), async () => undefined),
    // No stream feeds it.
    // @ts-expect-error
    () => streamFunction(THINGS, async () => ({ failedSequenceNumbers: [] })),
    // It does not say that it reports damage, and no alarm would look at it.
    // @ts-expect-error
    () => damageReporter(THINGS, () => "key"),
    // It has no routes.
    // @ts-expect-error
    () => httpFunction(defineFunction({ ...BASE, taskOf: "replay" }), {}),
  ];
  expect(mistakes).toHaveLength(4);
});
