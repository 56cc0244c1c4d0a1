import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { playSampleAtOnce } from "../infra/local/start/play-sample.ts";
import { type Client, clientOf, type DeviceAnswer } from "./api-client.ts";
import { until } from "./stack-process.ts";

/* Callers' mistakes, sent to the real stack: each gets a problem that explains it, and changes nothing. */

let stack: Stack;
let client: Client;
let before: DeviceAnswer;
beforeAll(async () => {
  stack = await startStack();
  client = clientOf(stack.address.apiUrl);
  await playSampleAtOnce(stack.address);
  before = await client.device("demo");
});
afterAll(() => stack?.stop());

type Body = string | Uint8Array<ArrayBuffer>;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: Body;
  readonly contentType?: string;
}

/** The parts of problems, recordings and replays that the tests read. */
interface Answer {
  readonly errors?: readonly { readonly field: string }[];
  readonly recordingId?: string;
  readonly replayId?: string;
}

const send = async ({ method, path, body, contentType = "application/json" }: Request) => {
  const response = await fetch(new URL(path, stack.address.apiUrl), {
    method,
    body,
    ...(body !== undefined && { headers: { "content-type": contentType } }),
  });
  const answer = (await response.json()) as Answer;
  return { status: response.status, headers: response.headers, body: answer };
};

const post = (path: string, body: Body, contentType?: string): Request => ({
  method: "POST",
  path,
  body,
  contentType,
});
const position = (fields: object): Request =>
  post(
    "/devices/demo/positions",
    JSON.stringify({ timestamp: "2026-03-14T10:00:00Z", latitude: 46, longitude: 14, ...fields }),
  );
const replay = (fields: object): Request =>
  post("/replays", JSON.stringify({ recordingId: "no-such-recording", ...fields }));
const get = (path: string): Request => ({ method: "GET", path });

const BINARY = new Uint8Array(256).map((_, index) => index);

test.each<[string, number, string | undefined, Request]>([
  ["latitude 91", 400, "latitude", position({ latitude: 91 })],
  ["NaN, which JSON does not know", 400, undefined, post("/devices/demo/positions", '{"latitude": NaN}')],
  ["NaN as text", 400, "longitude", position({ longitude: "NaN" })],
  ["a timestamp in nanoseconds", 400, "timestamp", position({ timestamp: 1_773_474_072_000_000_000 })],
  ["a timestamp in the far future", 400, "timestamp", position({ timestamp: "2126-01-01T00:00:00Z" })],
  ["a device that was never heard", 404, undefined, get("/devices/nobody")],
  ["a device id with a space", 400, "deviceId", post("/devices/a%20b/positions", "{}")],
  ["finding 25: a path that is invalid in a URL", 400, "deviceId", get("/devices/%zz/track")],
  ["11 MB of body", 413, undefined, post("/devices/demo/positions", new Uint8Array(11e6))],
  ["an unknown query parameter", 400, "colour", get("/devices?colour=red")],
  ["an empty file", 400, undefined, post("/recordings?name=empty", "", "text/csv")],
  ["a binary file", 415, undefined, post("/recordings?name=binary", BINARY, "text/csv")],
  ["a binary file that says so", 415, undefined, post("/recordings", BINARY, "application/octet-stream")],
  [
    "a file without a position",
    400,
    undefined,
    post("/recordings", "timestamp,latitude,longitude\n", "text/csv"),
  ],
  ["a window of -5 seconds", 400, "windowSeconds", get("/devices/demo/average-speed?windowSeconds=-5")],
  ["a window of 10^9 seconds", 400, "windowSeconds", get("/devices/demo/average-speed?windowSeconds=1e9")],
  ["the course's window of -5", 400, "time_window_seconds", get("/compute_avg_speed?time_window_seconds=-5")],
  ["a task that does not exist", 404, undefined, get("/tasks/00000000-0000-4000-8000-000000000000")],
  ["a replay of a recording that does not exist", 404, undefined, replay({})],
  ["rate 0", 400, "rate", replay({ rate: 0 })],
  ["an invalid cursor", 400, "cursor", get("/devices/demo/track?cursor=not-one!")],
  ["a method that its path does not have", 404, undefined, { method: "PUT", path: "/devices/demo" }],
])("%s", async (_, status, field, request) => {
  const answer = await send(request);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer).toMatchObject({
    status,
    body: {
      type: expect.stringMatching(/^urn:backtrack:problem:[a-z-]+$/),
      title: expect.any(String),
      status,
      detail: expect.any(String),
    },
  });
  const fields = (answer.body.errors ?? []).map((error) => error.field);
  if (field !== undefined) expect(fields).toContain(field);
  expect(answer.headers.get("x-request-id")).toBeTruthy();
});

test("a CSV with a broken row in the middle is imported without it, and the row is named", async () => {
  const rows = ["timestamp,latitude,longitude", "1773474072,46,14", "1773474073,,14", "1773474074,46.1,14"];
  const answer = await send(post("/recordings?name=broken", rows.join("\n"), "text/csv"));
  expect(answer).toMatchObject({
    status: 201,
    body: {
      positionCount: 2,
      rejectedRowCount: 1,
      rejected: [{ line: 3, problems: [{ field: "latitude" }] }],
    },
  });
});

test("one bad element of an array does not sink the others", async () => {
  const good = { timestamp: "2026-03-14T10:00:00Z", latitude: 46, longitude: 14 };
  const body = JSON.stringify([
    good,
    { ...good, latitude: 91 },
    { ...good, timestamp: "2026-03-14T10:00:01Z" },
  ]);
  const answer = await send(post("/devices/other/positions", body));
  expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected: [{ index: 1 }] } });
  await until(
    () => client.device("other"),
    ({ positionCount }) => positionCount === 2,
  );
});

test("a seek past the end is refused, and each of two concurrent PATCHes takes effect or says that it did not", async () => {
  const { body: recording } = await send(
    post(
      "/recordings?name=short",
      "timestamp,latitude,longitude\n1577218801,46,14\n1577219400,46.1,14\n",
      "text/csv",
    ),
  );
  const { status, body } = await send(
    post("/replays", JSON.stringify({ recordingId: recording.recordingId })),
  );
  expect(status).toBe(201);
  const path = `/replays/${body.replayId}`;
  const patch = (change: object) => send({ method: "PATCH", path, body: JSON.stringify(change) });

  expect(await patch({ seek: 601 })).toMatchObject({ status: 400, body: { errors: [{ field: "seek" }] } });
  expect(await patch({ rate: 0 })).toMatchObject({ status: 400, body: { errors: [{ field: "rate" }] } });
  expect(await patch({ speed: 3 })).toMatchObject({ status: 400 });
  const answers = await Promise.all([patch({ rate: 2 }), patch({ paused: true })]);
  for (const answer of answers) expect([200, 409]).toContain(answer.status);
  const after = await client.get<{ rate: number; status: string }>(path);
  if (answers[0].status === 200) expect(after.rate).toBe(2);
  if (answers[1].status === 200) expect(after.status).toBe("paused");
});

test("none of this has changed the device", async () => {
  expect(await client.device("demo")).toEqual(before);
});
