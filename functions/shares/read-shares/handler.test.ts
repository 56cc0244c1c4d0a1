import { expect, test } from "vitest";
import { parseTenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { call, type HttpEventOptions } from "../../../test/http-event.ts";
import { NOW_MS, shareWorld } from "../../../test/share-world.ts";
import { createHandler } from "./handler.ts";

const ACME = { tenant: parseTenantId("acme") };

const given = async () => {
  const world = shareWorld();
  const position = { timestampMs: NOW_MS, latitude: 46, longitude: 14 };
  for (const deviceId of ["van-7", "van-8", "bus-1"]) await world.giveDevice(deviceId, [position]);
  await world.giveDevice("van-7", [position], { tenant: ACME.tenant });
  await world.giveRecording("drive", [position]);
  const handler = createHandler(world);
  const list = (options: HttpEventOptions = {}) => call(handler, "GET /shares", options);
  const get = (shareId: string, caller: HttpEventOptions["caller"] = {}) =>
    call(handler, "GET /shares/{shareId}", { path: { shareId }, caller });
  return { ...world, list, get };
};

const ids = (json: { shares: { shareId: string }[] }) => json.shares.map(({ shareId }) => shareId).sort();

test("lists what is shared, page by page, without the links themselves", async () => {
  const { share, list } = await given();
  const made = [
    await share({ deviceId: "van-7" }),
    await share({ deviceId: "van-8" }),
    await share({ recordingId: "drive" }),
  ];
  const found: string[] = [];
  let query: Record<string, string> = { limit: "2" };
  for (;;) {
    const answer = await list({ query });
    expect(answer.text).not.toMatch(/bts_|hash/);
    found.push(...ids(answer.json));
    if (!answer.json.cursor) break;
    query = { limit: "2", cursor: answer.json.cursor };
  }
  expect(found.sort()).toEqual(made.map(({ share: { shareId } }) => shareId).sort());
});

test("answers one, until it ends", async () => {
  const { share, get, list, clock } = await given();
  const made = await share({ deviceId: "van-7", expiresInSeconds: 60, name: "a" });
  const { shareId } = made.share;
  expect(await get(shareId)).toMatchObject({ status: 200, json: { shareId, deviceId: "van-7", name: "a" } });
  clock.nowMs += 60_000;
  expect(await get(shareId)).toMatchObject({
    status: 404,
    json: { detail: `share ${shareId} does not exist, or has ended` },
  });
  expect((await list()).json).toEqual({ shares: [] });
});

test("a key with a device prefix sees the shares of its devices, and of nothing else", async () => {
  const { share, list, get } = await given();
  const caller = { devicePrefix: "van-" };
  const van = (await share({ deviceId: "van-7" })).share.shareId;
  const bus = (await share({ deviceId: "bus-1" })).share.shareId;
  const drive = (await share({ recordingId: "drive" })).share.shareId;
  expect(ids((await list({ caller })).json)).toEqual([van]);
  expect((await get(van, caller)).status).toBe(200);
  for (const other of [bus, drive]) expect((await get(other, caller)).status).toBe(404);
});

test("a tenant sees its own", async () => {
  const { share, list, get } = await given();
  const mine = (await share({ deviceId: "van-7" })).share.shareId;
  const theirs = (await share({ deviceId: "van-7" }, ACME)).share.shareId;
  expect(ids((await list()).json)).toEqual([mine]);
  expect(ids((await list({ caller: ACME })).json)).toEqual([theirs]);
  expect((await get(theirs)).status).toBe(404);
  expect((await get(mine, ACME)).status).toBe(404);
});
