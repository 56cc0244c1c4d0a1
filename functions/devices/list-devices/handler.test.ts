import { beforeAll, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import type { DeviceStore } from "../../../lib/core/device/device-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const devices = memoryDeviceStore();
const list = (query: Record<string, string | number> = {}) =>
  call(
    createHandler(() => ({ devices })),
    "GET /devices",
    { query },
  );

beforeAll(async () => {
  for (let index = 0; index < 5; index++) {
    await devices.save(
      deviceStateOf(`car-${index}`, [{ timestampMs: 1000 + index, latitude: index, longitude: 0 }]),
    );
  }
});

test("pages by cursor until every device has been told once", async () => {
  const seen: string[] = [];
  let query: Record<string, string> = { limit: "2" };
  for (let page = 0; page < 3; page++) {
    const answer = await list(query);
    expect(answer.status).toBe(200);
    seen.push(...answer.json.devices.map(({ deviceId }: { deviceId: string }) => deviceId));
    const link = /^<(\?.+)>; rel="next"$/.exec(String(answer.headers.link ?? ""));
    expect(link === null).toBe(answer.json.cursor === undefined);
    query = Object.fromEntries(new URLSearchParams(link?.[1]));
    if (link) expect(query).toEqual({ limit: "2", cursor: answer.json.cursor });
  }
  expect(seen.sort()).toEqual(["car-0", "car-1", "car-2", "car-3", "car-4"]);
  expect(query).toEqual({});
});

test("no device is an empty page", async () => {
  const answer = await call(
    createHandler(perTenant(() => ({ devices: memoryDeviceStore() }))),
    "GET /devices",
  );
  expect(answer).toMatchObject({ status: 200, json: { devices: [] } });
  expect(answer.headers.link).toBeUndefined();
});

test.each([
  [{ limit: 0 }, "limit"],
  [{ limit: 1001 }, "limit"],
  [{ limit: "ten" }, "limit"],
  [{ cursor: "made-up" }, "cursor"],
  [{ page: 2 }, "page"],
])("refuses %j", async (query, field) => {
  const answer = await list(query as Record<string, string>);
  expect(answer.status).toBe(400);
  expect(answer.json.errors).toMatchObject([{ field }]);
});

test("finding 12: a device whose state can't be read is named and told, and the others are listed", async () => {
  const told: string[] = [];
  const rotting: DeviceStore = {
    ...devices,
    async list({ onDamage, ...request }) {
      const page = await devices.list(request);
      for (const { deviceId } of page.items) {
        if (deviceId === "car-2") onDamage?.({ deviceId, error: new Error("its format is 1, not 2") });
      }
      return { ...page, items: page.items.filter(({ deviceId }) => deviceId !== "car-2") };
    },
  };
  const handler = createHandler(() => ({
    devices: rotting,
    onDamage: ({ deviceId }) => told.push(deviceId),
  }));
  const answer = await call(handler, "GET /devices", { query: {} });
  expect(answer).toMatchObject({ status: 200, json: { damaged: ["car-2"] } });
  const listed = answer.json.devices.map(({ deviceId }: { deviceId: string }) => deviceId);
  expect(listed).toEqual(["car-0", "car-1", "car-3", "car-4"]);
  expect(told).toEqual(["car-2"]);
});
