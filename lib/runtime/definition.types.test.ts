import * as Type from "typebox";
import { expect, test } from "vitest";
import { defineFunction } from "./definition.ts";

const BASE = { name: "do-it", description: "", memoryMegabytes: 128, timeoutSeconds: 5 } as const;
const ROUTE = {
  method: "GET",
  path: "/things/{thingId}",
  summary: "",
  tag: "test",
  access: "read",
  responses: {},
} as const;

// What is checked here is that `npm run types` passes: each mistake is one that the compiler has to find.
test("a definition with a mistake does not compile", () => {
  const definitions = [
    // A field that no definition has, here for memoryMegabytes.
    // @ts-expect-error
    defineFunction({ ...BASE, memorySize: 128 }),
    // A table that there is none of.
    // @ts-expect-error
    defineFunction({ ...BASE, tables: { devcies: "read" } }),
    // An access that there is none of.
    // @ts-expect-error
    defineFunction({ ...BASE, tables: { devices: "reads" } }),
    // A limit that there is none of.
    // @ts-expect-error
    defineFunction({ ...BASE, limits: ["replaysAtOne"] }),
    // A route's misspelt field.
    // @ts-expect-error
    defineFunction({ ...BASE, routes: [{ ...ROUTE, quary: Type.Object({}) }] }),
    // A misspelt field of a body.
    defineFunction({
      ...BASE,
      // @ts-expect-error
      routes: [{ ...ROUTE, body: { contentTypes: [], description: "", shema: Type.Object({}) } }],
    }),
    // A misspelt field of a response.
    // @ts-expect-error
    defineFunction({ ...BASE, routes: [{ ...ROUTE, responses: { 200: { description: "", body: {} } } }] }),
    // A schema of path parameters that lacks the path's name.
    defineFunction({
      ...BASE,
      // @ts-expect-error
      routes: [{ ...ROUTE, parameters: Type.Object({ deviceId: Type.String() }) }],
    }),
    // A schema of path parameters with one more than the path.
    defineFunction({
      ...BASE,
      // @ts-expect-error
      routes: [{ ...ROUTE, parameters: Type.Object({ thingId: Type.String(), part: Type.String() }) }],
    }),
  ];
  expect(definitions).toHaveLength(9);
});
