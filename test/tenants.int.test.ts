import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MANIFEST } from "../functions/manifest.ts";
import { localClientSettings } from "../infra/engine/clients.ts";
import { streamName, tableName } from "../infra/engine/names.ts";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { dynamoApiKeyStore } from "../lib/adapters/dynamodb/api-key-store.ts";
import { keySecrets } from "../lib/adapters/key-secrets.ts";
import { SCOPES } from "../lib/core/access/api-key.ts";
import { createKey } from "../lib/core/access/create-key.ts";
import { partitionKeyOf } from "../lib/core/stream/partition-key.ts";
import { parseTenantId } from "../lib/core/tenant/tenant-id.ts";
import { temporaryFolder, until } from "./stack-process.ts";

/*
 * Two tenants with the same devices, recordings, replays, schedules and files, and a third that has nothing,
 * on a whole stack: the real functions, stream, tables, workflows, scheduler and inbox. Every route of the
 * manifest is walked. What one tenant has is recognisable, and no answer to another may hold any of it.
 */

interface Tenant {
  readonly id: string;
  /** In every name that it gives. */
  readonly mark: string;
  /** Nobody else is there. */
  readonly latitude: number;
  readonly longitude: number;
}

const ONE: Tenant = { id: "acme", mark: "Zebra", latitude: 46.1117, longitude: 14.2229 };
const OTHER: Tenant = { id: "acme-2", mark: "Walrus", latitude: 51.3331, longitude: 2.4447 };
/** Has nothing at all. */
const STRANGER: Tenant = { id: "acm", mark: "Nobody", latitude: 0, longitude: 0 };
/** Who uses the stack without having heard of tenants. */
const ANYBODY: Tenant = { ...STRANGER, id: "default" };

/** What no answer to anybody else may hold. */
const tracesOf = ({ mark, latitude, longitude }: Tenant): string[] => [
  mark,
  String(latitude).slice(0, 6),
  String(longitude).slice(0, 6),
];

interface Answer {
  readonly status: number;
  /** With the headers: a name may be in one of them. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back
  readonly json: any;
}

const folder = temporaryFolder();
let stack: Stack;
const keys = new Map<string, string>();

beforeAll(async () => {
  stack = await startStack({ say: () => {}, access: "keys", inboxFolder: folder.path("inbox") });
  const { dynamodbEndpoint, credentials } = stack.address;
  const client = new DynamoDBClient(localClientSettings(dynamodbEndpoint, credentials));
  const store = dynamoApiKeyStore(client, tableName("keys"));
  for (const { id } of [ONE, OTHER, STRANGER, ANYBODY]) {
    const request = { name: `all of ${id}`, scopes: SCOPES, tenant: id };
    const { text } = await createKey({ keys: store, secrets: keySecrets, now: Date.now }, request);
    keys.set(id, text);
  }
  client.destroy();
});
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

const ask = async (
  { id }: Tenant,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const response = await fetch(new URL(path, stack.address.apiUrl), {
    method,
    headers: {
      authorization: `Bearer ${keys.get(id)}`,
      ...(body !== undefined && {
        "content-type": typeof body === "string" ? "text/csv" : "application/json",
      }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const content = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    text: `${JSON.stringify([...response.headers])}\n${content}`,
    json: isJson && content !== "" ? JSON.parse(content) : undefined,
  };
};

const FIRST_MS = Date.now() - 600_000;
const positionsOf = ({ latitude, longitude }: Tenant, count = 5) =>
  Array.from({ length: count }, (_, index) => ({
    timestamp: new Date(FIRST_MS + index * 1_000).toISOString(),
    latitude: latitude + index * 1e-5,
    longitude,
    speedMetersPerSecond: 1,
  }));

const CSV_HEADER = "timestamp,latitude,longitude";
const csvOf = ({ latitude, longitude }: Tenant): string =>
  [CSV_HEADER, ...[0, 1, 2].map((second) => `157721888${second},${latitude},${longitude}`)].join("\n");
/** The same file of the same name: the same recording in both, by its id. */
const COMMON_CSV = [CSV_HEADER, ...[0, 1, 2, 3].map((second) => `157721880${second},10,20`)].join("\n");

/** Ids that are not the same in both, because nobody chose them. */
interface Made {
  readonly recordingId: string;
  readonly commonId: string;
  readonly replayId: string;
  readonly taskId: string;
  readonly importId: string;
  readonly recordId: string;
  readonly shareId: string;
  readonly token: string;
}

const made = new Map<string, Made>();
const of = ({ id }: Tenant): Made => {
  const found = made.get(id);
  if (!found) throw new Error(`${id} has made nothing`);
  return found;
};

const putOnStream = async (tenant: Tenant, text: string): Promise<void> => {
  const { kinesisEndpoint, credentials } = stack.address;
  const client = new KinesisClient(localClientSettings(kinesisEndpoint, credentials));
  const PartitionKey = partitionKeyOf(parseTenantId(tenant.id), "van");
  const command = { StreamName: streamName("positions"), PartitionKey, Data: Buffer.from(text) };
  await client.send(new PutRecordCommand(command));
  client.destroy();
};

const putIntoInbox = (key: string, content: string): void => {
  const path = join(folder.path("inbox"), key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
};

const ok = async (answer: Promise<Answer>, status: number): Promise<Answer> => {
  const { text, ...rest } = await answer;
  expect(rest.status, text).toBe(status);
  return { text, ...rest };
};

/** Makes one of everything, by every way in. */
const settle = async (tenant: Tenant): Promise<void> => {
  const { id, mark } = tenant;
  await ok(ask(tenant, "POST", "/devices/van/positions", positionsOf(tenant)), 202);
  const fleet = positionsOf(tenant, 2).map((position) => ({ ...position, deviceId: "bus" }));
  await ok(ask(tenant, "POST", "/positions", fleet), 202);
  await putOnStream(tenant, `${mark} is no position`);
  putIntoInbox(`tenants/${id}/${mark}.csv`, csvOf(tenant));

  const own = await ok(ask(tenant, "POST", `/recordings?name=${mark}`, csvOf(tenant)), 201);
  const common = await ok(ask(tenant, "POST", "/recordings?name=common", COMMON_CSV), 201);
  await until(
    () => ask(tenant, "GET", "/devices/van"),
    ({ json }) => json.positionCount === 5,
  );
  const sources = [{ recordingId: common.json.recordingId, deviceId: `replayed-${mark}` }];
  const replay = await ok(
    ask(tenant, "POST", "/replays", { sources, rate: 10_000 }, { "idempotency-key": "the-same-key" }),
    201,
  );
  const task = await ok(ask(tenant, "POST", "/devices/van/average-speed-tasks?windowSeconds=0.1"), 202);
  await ok(
    ask(tenant, "PUT", "/replay-schedules/nightly", {
      cron: "0 3 ? * MON-FRI *",
      replay: { recordingId: common.json.recordingId, deviceId: `nightly-${mark}` },
    }),
    201,
  );
  const share = await ok(
    ask(tenant, "POST", "/shares", {
      deviceId: "van",
      name: mark,
      from: new Date(FIRST_MS).toISOString(),
      expiresInSeconds: 3_600,
    }),
    201,
  );
  const quarantined = await until(
    () => ask(tenant, "GET", "/quarantine"),
    ({ json }) => json.records.length === 1,
  );
  const imports = await until(
    () => ask(tenant, "GET", "/tasks?kind=import"),
    ({ json }) => json.tasks[0]?.status === "DONE",
  );
  made.set(id, {
    recordingId: own.json.recordingId,
    commonId: common.json.recordingId,
    replayId: replay.json.replayId,
    taskId: task.json.taskId,
    importId: imports.json.tasks[0].taskId,
    recordId: quarantined.json.records[0].recordId,
    shareId: share.json.shareId,
    token: share.json.token,
  });
};

/** Everything that can be read, with the ids that a tenant's things have. */
const readsOf = ({ recordingId, commonId, replayId, taskId, importId, recordId, shareId }: Made) => ({
  "GET /devices": ["/devices", "/devices?limit=1"],
  "GET /devices/{deviceId}": ["/devices/van", "/devices/bus"],
  "GET /devices/{deviceId}/track": ["json", "geojson", "gpx", "csv"].map(
    (format) => `/devices/van/track?format=${format}`,
  ),
  "GET /devices/{deviceId}/average-speed": ["/devices/van/average-speed?windowSeconds=60"],
  "GET /gps_state": ["/gps_state", "/gps_state?device_id=van"],
  "GET /compute_avg_speed": ["/compute_avg_speed?time_window_seconds=10"],
  "GET /get_avg_speed_task_status": [`/get_avg_speed_task_status?task_id=${taskId}`],
  "GET /tasks": ["/tasks?kind=average-speed", "/tasks?kind=import", "/tasks?kind=erasure"],
  "GET /tasks/{taskId}": [`/tasks/${taskId}`, `/tasks/${importId}`],
  "GET /recordings": ["/recordings", "/recordings?limit=1"],
  "GET /recordings/{recordingId}": [`/recordings/${recordingId}`, `/recordings/${commonId}`],
  "GET /replays": ["/replays"],
  "GET /replays/{replayId}": [`/replays/${replayId}`],
  "GET /replay-schedules": ["/replay-schedules"],
  "GET /replay-schedules/{name}": ["/replay-schedules/nightly"],
  "GET /quarantine": ["/quarantine"],
  "GET /quarantine/{recordId}": [`/quarantine/${encodeURIComponent(recordId)}`],
  "GET /shares": ["/shares"],
  "GET /shares/{shareId}": [`/shares/${shareId}`],
});

/** Everything that changes something, with another tenant's ids. */
const changesOf = ({ commonId, replayId, recordId, shareId }: Made): Record<string, [string, unknown?]> => ({
  "POST /devices/{deviceId}/repairs": ["/devices/van/repairs"],
  "POST /devices/{deviceId}/average-speed-tasks": ["/devices/van/average-speed-tasks?windowSeconds=1"],
  "POST /request_to_compute_avg_speed": ["/request_to_compute_avg_speed?time_window_seconds=1&device_id=van"],
  "PATCH /replays/{replayId}": [`/replays/${replayId}`, { seek: 0 }],
  "DELETE /replays/{replayId}": [`/replays/${replayId}`],
  "POST /replays": ["/replays", { sources: [{ recordingId: commonId, deviceId: "x" }] }],
  "PUT /replay-schedules/{name}": [
    "/replay-schedules/nightly",
    { cron: "0 4 ? * * *", replay: { recordingId: commonId, deviceId: "x" } },
  ],
  "DELETE /replay-schedules/{name}": ["/replay-schedules/nightly"],
  "POST /quarantine/{recordId}/redrive": [`/quarantine/${encodeURIComponent(recordId)}/redrive`],
  "POST /shares": ["/shares", { deviceId: "van", expiresInSeconds: 60 }],
  "DELETE /shares/{shareId}": [`/shares/${shareId}`],
  "DELETE /devices/{deviceId}": ["/devices/van"],
});

/** Routes that make something out of nothing, or that are nobody's; each with the test that walks it. */
const ELSEWHERE = [
  "POST /devices/{deviceId}/positions",
  "POST /positions",
  "POST /recordings",
  "DELETE /recordings/{recordingId}",
  "GET /shared/{token}",
  "GET /shared/{token}/track",
  "GET /usage",
  "GET /",
  "GET /healthz",
  "GET /openapi.json",
];

const expectNothingOf = (whose: Tenant, { text }: Answer, asked: string): void => {
  for (const trace of tracesOf(whose)) expect(text, asked).not.toContain(trace);
};

const everything = async (tenant: Tenant): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const path of Object.values(readsOf(of(tenant))).flat()) {
    const { status, text } = await ask(tenant, "GET", path);
    found[path] = `${status} ${text.slice(text.indexOf("\n") + 1)}`;
  }
  return found;
};

describe("two tenants with the same ids on one stack", () => {
  test("both make one of everything, and see what they made", { timeout: 60_000 }, async () => {
    for (const tenant of [ONE, OTHER]) await settle(tenant);
    for (const tenant of [ONE, OTHER]) {
      const { replayId, taskId } = of(tenant);
      await until(
        () => ask(tenant, "GET", `/replays/${replayId}`),
        ({ json }) => json.status === "finished",
      );
      await until(
        () => ask(tenant, "GET", `/devices/replayed-${tenant.mark}`),
        ({ json }) => json.positionCount === 4,
      );
      await until(
        () => ask(tenant, "GET", `/tasks/${taskId}`),
        ({ json }) => json.status === "DONE",
      );
      for (const [path, answer] of Object.entries(await everything(tenant))) {
        expect(answer, path).toMatch(/^200 /);
      }
    }
    expect(of(ONE).commonId).toBe(of(OTHER).commonId);
    expect(of(ONE).replayId).not.toBe(of(OTHER).replayId);
    const devices = await ask(ONE, "GET", "/devices");
    expect(devices.json.devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual([
      "bus",
      `replayed-${ONE.mark}`,
      "van",
    ]);
    expect(devices.text).toContain(String(ONE.latitude).slice(0, 6));
  });

  test("every route of the manifest is walked here", () => {
    const routes = MANIFEST.flatMap(({ routes: all = [] }) =>
      all.map(({ method, path }) => `${method} ${path}`),
    );
    const walked = [...Object.keys(readsOf(of(ONE))), ...Object.keys(changesOf(of(ONE))), ...ELSEWHERE];
    expect(walked.toSorted(), "add a route to readsOf, changesOf or ELSEWHERE").toEqual(routes.toSorted());
  });

  test.each([
    [OTHER, ONE],
    [ONE, OTHER],
    [STRANGER, ONE],
    [ANYBODY, ONE],
  ])("$0.id reads nothing of $1.id, by its ids or its own", async (reader, owner) => {
    const paths = Object.values(readsOf(of(owner))).flat();
    const own = made.has(reader.id) ? Object.values(readsOf(of(reader))).flat() : [];
    for (const path of new Set([...paths, ...own])) {
      expectNothingOf(owner, await ask(reader, "GET", path), path);
    }
  });

  test("to who has nothing, another's things do not exist: 404, never 403", async () => {
    for (const reader of [STRANGER, ANYBODY]) {
      const { "GET /compute_avg_speed": _, ...reads } = readsOf(of(ONE));
      for (const [route, paths] of Object.entries(reads)) {
        for (const path of paths) {
          const { status, json } = await ask(reader, "GET", path);
          if (route.includes("{") || route.startsWith("GET /g")) expect(status, path).toBe(404);
          else expect([status, Object.values(json).flat()], path).toEqual([200, []]);
        }
      }
      for (const [route, [path, body]] of Object.entries(changesOf(of(ONE)))) {
        const answer = await ask(reader, route.split(" ")[0], path, body);
        expect(answer.status, `${route}: ${answer.text}`).toBe(404);
        expectNothingOf(ONE, answer, route);
      }
      // Repeating it is harmless, so that it says nothing of what there was.
      const { status } = await ask(reader, "DELETE", `/recordings/${of(ONE).recordingId}`);
      expect([204, 404]).toContain(status);
    }
  });

  test("a cursor of one gives another nothing of it", async () => {
    const listings = ["/devices", "/recordings", "/tasks?kind=import", "/quarantine", "/replay-schedules"];
    await ok(
      ask(ONE, "PUT", "/replay-schedules/weekly", {
        rate: "7 days",
        replay: { recordingId: of(ONE).commonId, deviceId: `weekly-${ONE.mark}` },
      }),
      201,
    );
    let cursors = 0;
    for (const path of [...listings, "/devices/van/track"]) {
      const at = new URL(path, "http://x");
      at.searchParams.set("limit", "1");
      const { json } = await ask(ONE, "GET", `${at.pathname}${at.search}`);
      const cursor = json.cursor ?? json.nextCursor;
      if (cursor === undefined) continue;
      cursors++;
      at.searchParams.set("cursor", cursor);
      for (const reader of [OTHER, STRANGER]) {
        const answer = await ask(reader, "GET", `${at.pathname}${at.search}`);
        expect([200, 400, 404], path).toContain(answer.status);
        expectNothingOf(ONE, answer, path);
      }
    }
    expect(cursors).toBeGreaterThanOrEqual(4);
    await ok(ask(ONE, "DELETE", "/replay-schedules/weekly"), 204);
  });

  test("usage is counted for each tenant", async () => {
    const { json } = await ok(ask(ONE, "GET", "/usage"), 200);
    expect(json.usage).toMatchObject({ devices: 3, recordings: 3, replaySchedules: 1, shares: 1 });
    for (const reader of [STRANGER, ANYBODY]) {
      const none = await ok(ask(reader, "GET", "/usage"), 200);
      expect(none.json.usage).toMatchObject({ devices: 0, recordings: 0, replaySchedules: 0, shares: 0 });
    }
  });

  test("a link shows its own tenant's device, to everybody who has it", async () => {
    const { token } = of(ONE);
    for (const path of [`/shared/${token}`, `/shared/${token}/track`]) {
      const answer = await ok(ask(STRANGER, "GET", path), 200);
      expect(answer.text).toContain(String(ONE.latitude).slice(0, 6));
      expectNothingOf(OTHER, answer, path);
    }
  });

  test("the same idempotency key and name of a schedule are each tenant's own", async () => {
    for (const [tenant, foreign] of [
      [ONE, OTHER],
      [OTHER, ONE],
    ] as const) {
      const schedule = await ok(ask(tenant, "GET", "/replay-schedules/nightly"), 200);
      expect(schedule.text).toContain(`nightly-${tenant.mark}`);
      expectNothingOf(foreign, schedule, "nightly");
    }
  });

  test("schedules of one name that are due at one time start each its own replay", async () => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_000).toISOString().slice(0, 19);
    const replayId = `soon-${at.replace(/[-:]/g, "")}Z`;
    for (const tenant of [ONE, OTHER]) {
      const replay = { recordingId: of(tenant).commonId, deviceId: `soon-${tenant.mark}`, rate: 10_000 };
      await ok(ask(tenant, "PUT", "/replay-schedules/soon", { at, replay }), 201);
    }
    for (const [tenant, foreign] of [
      [ONE, OTHER],
      [OTHER, ONE],
    ] as const) {
      const { text } = await until(
        () => ask(tenant, "GET", `/replays/${replayId}`),
        ({ json }) => json.status === "finished",
      );
      expect(text).toContain(`soon-${tenant.mark}`);
      expectNothingOf(foreign, { status: 200, text, json: undefined }, replayId);
      await until(
        () => ask(tenant, "GET", `/devices/soon-${tenant.mark}`),
        ({ json }) => json.positionCount === 4,
      );
      await ok(ask(tenant, "DELETE", "/replay-schedules/soon"), 204);
    }
    expect((await ask(STRANGER, "GET", `/replays/${replayId}`)).status).toBe(404);
  });

  test("a file in no tenant's folder is nobody's", async () => {
    putIntoInbox("tenants/Acme!/lost.csv", csvOf(ONE));
    putIntoInbox("known.csv", COMMON_CSV);
    const { json } = await until(
      () => ask(ANYBODY, "GET", "/tasks?kind=import"),
      (answer) => answer.json.tasks[0]?.status === "DONE",
    );
    expect(json.tasks.map(({ file }: { file: { key: string } }) => file.key)).toEqual(["known.csv"]);
  });

  test("what one changes, plays again and deletes is its own alone", async () => {
    const before = await everything(ONE);
    const { "POST /quarantine/{recordId}/redrive": redrive, ...changes } = changesOf(of(OTHER));
    // The record is still no position: it comes back to the quarantine that it came from.
    expect((await ask(OTHER, "POST", redrive[0])).status).toBe(202);
    await until(
      () => ask(OTHER, "GET", "/quarantine"),
      ({ json }) => json.records.length === 1 && json.records[0].recordId !== of(OTHER).recordId,
    );
    for (const [route, [path, body]] of Object.entries(changes)) {
      const answer = await ask(OTHER, route.split(" ")[0], path, body);
      expect(answer.status, `${route}: ${answer.text}`).toBeLessThan(300);
      expectNothingOf(ONE, answer, route);
    }
    for (const id of [of(OTHER).recordingId, of(OTHER).commonId]) {
      const answer = await ask(OTHER, "DELETE", `/recordings/${id}`);
      expect([204, 409], answer.text).toContain(answer.status);
    }
    expect((await ask(OTHER, "GET", "/devices/van")).status).toBe(404);
    expect(await everything(ONE)).toEqual(before);
  });
});
