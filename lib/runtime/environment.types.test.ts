import { expect, expectTypeOf, test } from "vitest";
import type { ScheduleTarget } from "../resources/schedule-group.ts";
import { type AccessMode, defineFunction } from "./definition.ts";
import { readEnvironment } from "./environment.ts";

const ROUTE = { method: "GET", path: "/", summary: "", tag: "test", responses: {} } as const;
const BASE = { name: "do-it", description: "", memoryMegabytes: 128, timeoutSeconds: 5 } as const;

const WITH_ALL = defineFunction({
  ...BASE,
  tables: { devices: "read" },
  publishesTo: ["positions"],
  readsFrom: ["recordings"],
  starts: ["replay"],
  schedules: { replays: ["write"] },
  limits: ["replaysAtOnce"],
  environment: { CHUNK_SECONDS: "240" },
  routes: [{ ...ROUTE, access: "read" }],
});
/** Reads schedules, and so has nothing to make them with; its one route is public, and so it has no keys. */
const WITH_LITTLE = defineFunction({
  ...BASE,
  schedules: { replays: ["get", "list"] },
  routes: [{ ...ROUTE, access: "public" }],
});

type All = ReturnType<typeof readEnvironment<typeof WITH_ALL>>;
type Little = ReturnType<typeof readEnvironment<typeof WITH_LITTLE>>;

test("the environment has what the definition names", () => {
  expectTypeOf<Parameters<All["table"]>>().toEqualTypeOf<["devices" | "keys" | "tenants" | "usage"]>();
  expectTypeOf<Parameters<All["stream"]>>().toEqualTypeOf<["positions"]>();
  expectTypeOf<Parameters<All["bucket"]>>().toEqualTypeOf<["recordings"]>();
  expectTypeOf<Parameters<All["workflow"]>>().toEqualTypeOf<["replay"]>();
  expectTypeOf<Parameters<All["scheduleGroup"]>>().toEqualTypeOf<["replays"]>();
  expectTypeOf<All["scheduleTarget"]>().toEqualTypeOf<(name: "replays") => ScheduleTarget>();
  expectTypeOf<Parameters<All["limit"]>>().toEqualTypeOf<["replaysAtOnce"]>();
  expectTypeOf<Parameters<All["variable"]>>().toEqualTypeOf<["CHUNK_SECONDS"]>();
  expectTypeOf<All["access"]>().toEqualTypeOf<() => AccessMode>();

  expectTypeOf<Parameters<Little["scheduleGroup"]>>().toEqualTypeOf<["replays"]>();
  for (const kind of [
    "table",
    "stream",
    "bucket",
    "workflow",
    "scheduleTarget",
    "limit",
    "variable",
  ] as const) {
    expectTypeOf<Parameters<Little[typeof kind]>>().toEqualTypeOf<[never]>();
  }
  expectTypeOf<Little["access"]>().toEqualTypeOf<unknown>();
});

// What is checked here is that `npm run types` passes: each mistake is one that the compiler has to find.
test("a name that the definition lacks does not compile", () => {
  const variables = {
    KEYS_TABLE: "keys",
    TENANTS_TABLE: "tenants",
    USAGE_TABLE: "usage",
    DEVICES_TABLE: "devices",
    POSITIONS_STREAM: "positions",
    REPLAY_WORKFLOW_ARN: "replay",
    RECORDINGS_BUCKET: "recordings",
    REPLAYS_SCHEDULE_GROUP: "replays",
    REPLAYS_SCHEDULE_TARGET_ARN: "target",
    REPLAYS_SCHEDULE_ROLE_ARN: "role",
    REPLAYS_SCHEDULE_DEAD_LETTERS_ARN: "queue",
    REPLAYS_SCHEDULE_KEY_ARN: "key",
    REPLAYS_AT_ONCE: "7",
    CHUNK_SECONDS: "240",
    ACCESS: "keys",
  };
  const all = readEnvironment(WITH_ALL, variables);
  const little = readEnvironment(WITH_LITTLE, { REPLAYS_SCHEDULE_GROUP: "replays" });
  expect([all.table("keys"), all.limit("replaysAtOnce"), all.access()]).toEqual(["keys", 7, "keys"]);

  const mistakes = [
    // A table that the definition does not list.
    // @ts-expect-error
    () => all.table("tracks"),
    // A workflow that it does not start.
    // @ts-expect-error
    () => all.workflow("average-speed"),
    // A limit that it does not have.
    // @ts-expect-error
    () => all.limit("tasksWaiting"),
    // A variable of its own that it does not declare.
    // @ts-expect-error
    () => all.variable("CHUNK_MINUTES"),
    // A stream, where it publishes to none.
    // @ts-expect-error
    () => little.stream("positions"),
    // A bucket, where it reads from none.
    // @ts-expect-error
    () => little.bucket("recordings"),
    // The target of new schedules, where it only reads them.
    // @ts-expect-error
    () => little.scheduleTarget("replays"),
    // The table of keys, where every route is public.
    // @ts-expect-error
    () => little.table("keys"),
    // Whether keys are required, where every route is public.
    // @ts-expect-error
    () => little.access(),
  ];
  for (const mistake of mistakes) expect(mistake).toThrow(/not in its definition|is not set/);
});
